#include "core/base/status.h"

#include <stdio.h>
#include <string.h>

enum status err_set(struct err *e, enum status code, const char *fmt, ...)
{
	if (e) {
		char text[sizeof e->text];       /* what e said until now may be among the arguments */
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
		memcpy(e->text, text, strlen(text) + 1);
		e->code = code;
	}
	return code;
}

enum status err_wrap(struct err *e, const char *fmt, ...)
{
	if (!e)
		return ST_FAILED;
	char head[sizeof e->text], old[sizeof e->text];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(head, sizeof head, fmt, ap);
	va_end(ap);
	memcpy(old, e->text, sizeof old);
	size_t n = strlen(head);
	if (n > sizeof head - 3)
		n = sizeof head - 3;
	memcpy(e->text, head, n);
	memcpy(e->text + n, ": ", 3);
	strncat(e->text, old, sizeof e->text - n - 3);
	return e->code;
}

const char *status_name(enum status code)
{
	switch (code) {
	case ST_OK: return "ok";
	case ST_FAILED: return "failed";
	case ST_USAGE: return "usage";
	case ST_NOT_FOUND: return "not found";
	case ST_REFUSED: return "refused";
	case ST_UNREACHABLE: return "unreachable";
	case ST_CHECK: return "check failed";
	case ST_CANCELLED: return "cancelled";
	}
	return "?";
}
