/* dump_frame FILE [DELIMITER] -- what is read from a data file, as JSON: names, types, values (numbers in 17 digits, missing null) and notes. */
#include <math.h>
#include <stdio.h>

#include "core/base/jsonw.h"
#include "core/io/frame.h"

static void put_value(struct jsonw *w, const struct frame_col *c, size_t row)
{
	char buf[40];
	if (c->code ? c->code[row] == FRAME_NO_CODE : isnan(c->num[row])) {
		jsonw_null(w);
	} else if (c->code) {
		jsonw_strn(w, c->words[c->code[row]].p, c->words[c->code[row]].n);
	} else {
		snprintf(buf, sizeof buf, "%.17g", c->num[row]);
		jsonw_str(w, buf);
	}
}

int main(int argc, char **argv)
{
	const struct frame_options o = { .delimiter = argc > 2 ? argv[2][0] : 0 };
	struct frame *f;
	struct err e;
	struct str s = STR_INIT;
	struct jsonw w;
	if (argc < 2 || frame_read(argv[1], &o, NULL, &f, &e) != ST_OK) {
		fprintf(stderr, "%s\n", argc < 2 ? "usage: dump_frame FILE [DELIMITER]" : e.text);
		return 1;
	}
	jsonw_init(&w, &s);
	jsonw_open(&w, '{');
	jsonw_key(&w, "notes");
	jsonw_str(&w, f->notes.p);
	jsonw_key(&w, "columns");
	jsonw_open(&w, '[');
	for (size_t j = 0; j < f->n_cols; j++) {
		jsonw_open(&w, '{');
		jsonw_key(&w, "name");
		jsonw_str(&w, f->cols[j].name);
		jsonw_key(&w, "type");
		jsonw_str(&w, frame_type_name(f->cols[j].type));
		jsonw_key(&w, "values");
		jsonw_open(&w, '[');
		for (size_t i = 0; i < f->n_rows; i++)
			put_value(&w, &f->cols[j], i);
		jsonw_close(&w, ']');
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	puts(s.p);
	str_free(&s);
	frame_free(f);
	return 0;
}
