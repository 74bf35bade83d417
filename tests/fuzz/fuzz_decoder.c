/* The key decoder: the same bytes in one piece or in many give the same events, and no event holds what it must not. */
#include <stdbool.h>
#include <string.h>
#include "core/base/str.h"
#include "tests/fuzz/fuzz.h"
#include "tui/event.h"

enum { ROOM_MAX = 1 << 20 };

static void note(void *arg, const struct event *ev)
{
	struct str *out = arg;
	struct str name = STR_INIT;
	uint32_t again;
	str_addf(out, "%d %x %d %d %d %d %d %d %zu ", ev->type, ev->key, ev->mouse, ev->button, ev->x, ev->y, ev->w, ev->focus, ev->n);
	if (ev->type == EV_PASTE)
		str_addn(out, ev->text, ev->n);
	if (ev->type == EV_KEY) {
		key_format(&name, ev->key);
		bool broken = (ev->key & ~MOD_MASK) == 0xFFFD;      /* has no name that a keymap could use */
		MUST(broken || (name.len > 0 && key_parse(name.p, name.len, &again) && again == ev->key));
	}
	str_addc(out, '\n');
	MUST(out->len < ROOM_MAX);
	str_free(&name);
}

/* step 0: in one piece; else in pieces of 1 to step bytes. */
static void decode(const char *bytes, size_t n, size_t step, struct str *out)
{
	struct decoder *d = decoder_new();
	for (size_t i = 0, k = 0; i < n; k++) {
		size_t piece = step ? 1 + k % step : n;
		if (piece > n - i)
			piece = n - i;
		decoder_feed(d, bytes + i, piece, note, out);
		i += piece;
	}
	if (decoder_wait_ms(d) >= 0)
		decoder_flush(d, note, out);
	MUST(decoder_wait_ms(d) < 0);
	decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = STR_INIT, pieces = STR_INIT;
	decode((const char *)data, size, 0, &whole);
	for (size_t step = 1; step <= 3; step += 2) {
		str_clear(&pieces);
		decode((const char *)data, size, step, &pieces);
		MUST(whole.len == pieces.len && memcmp(whole.p, pieces.p, whole.len) == 0);
	}
	str_free(&whole);
	str_free(&pieces);
	return 0;
}
