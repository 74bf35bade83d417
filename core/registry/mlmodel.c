#include "core/registry/mlmodel.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/io/yamldoc.h"
#include "core/registry/models_impl.h"

enum { MLMODEL_BYTES = 1 << 20, BESIDE_BYTES = 256 << 10, MOST_REQUIREMENTS = 1000, MOST_TYPE_DEPTH = 8 };

/* ---- files ---- */

/* A small regular file of a folder. */
static enum status read_beside(const char *root, const char *name, size_t limit, struct str *out, struct err *e)
{
	struct stat st;
	int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), why = errno;
	enum status rc = ST_OK;
	if (folder >= 0)
		close(folder);
	if (fd < 0)
		return err_set(e, why == ENOENT || why == ENOTDIR ? ST_NOT_FOUND : ST_FAILED, "%s: %s", name, strerror(why));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = err_set(e, ST_FAILED, "%s is no regular file", name);
	else if (st.st_size > (int64_t)limit)
		rc = err_set(e, ST_REFUSED, "%s has %lld bytes; %zu are read at most", name, (long long)st.st_size, limit);
	while (rc == ST_OK && out->len <= limit) {
		char piece[1 << 14];
		ssize_t n = read(fd, piece, sizeof piece);
		if (n < 0 && errno != EINTR)
			rc = err_set(e, ST_FAILED, "%s: %s", name, strerror(errno));
		if (n == 0)
			break;
		if (n > 0)
			str_addn(out, piece, (size_t)n);
	}
	close(fd);
	return rc;
}

static enum status read_yaml(const char *root, const char *name, size_t limit, struct yamldoc **out, struct err *e)
{
	struct str text = STR_INIT;
	enum status rc = read_beside(root, name, limit, &text, e);
	if (rc == ST_OK)
		rc = yamldoc_parse(text.p, text.len, name, out, e);
	str_free(&text);
	return rc;
}

enum status mlmodel_read(const char *root, struct str *json, struct err *e)
{
	struct yamldoc *y = NULL;
	enum status rc = read_yaml(root, "MLmodel", MLMODEL_BYTES, &y, e);
	if (rc != ST_OK)
		return rc;
	if (yamldoc_root(y) && yamldoc_root(y)->kind == YAMLDOC_MAP)
		yamldoc_to_json(yamldoc_root(y), json);
	else
		rc = err_set(e, ST_FAILED, "MLmodel: a map is expected");
	yamldoc_free(y);
	return rc;
}

/* ---- flavours ---- */

static const char *clean(struct arena *a, const char *s)
{
	return s ? reg_clean(a, s, strlen(s), 0) : "";
}

/* The version of the library that a flavour needs: its member that ends in _version. */
static void add_version(struct str *out, json_t *flavor)
{
	const char *key;
	json_t *value;
	json_object_foreach(flavor, key, value) {
		size_t n = strlen(key);
		if (n <= 8 || strcmp(key + n - 8, "_version") || (!json_is_string(value) && !json_is_number(value)))
			continue;
		if (json_is_string(value))
			str_addf(out, " %s", json_string_value(value));
		else
			str_addf(out, " %g", json_number_value(value));      /* 2.0 without quotes is a number to YAML */
		return;
	}
}

/* What a person calls the model first, the wrapper for Python behind it. */
static void add_flavors(struct str *out, json_t *flavors)
{
	const char *name;
	json_t *flavor;
	for (int wrapper = 0; wrapper < 2; wrapper++)
		json_object_foreach(flavors, name, flavor)
			if ((strcmp(name, "python_function") == 0) == (wrapper != 0)) {
				str_addf(out, "%s%s", out->len ? ", " : "", name);
				add_version(out, flavor);
			}
}

/* ---- signatures ---- */

static void add_type(struct str *out, json_t *x, int depth);

static void add_shape(struct str *out, json_t *shape)
{
	size_t i;
	json_t *d;
	json_array_foreach(shape, i, d)
		str_addf(out, "%s%lld", i ? ", " : "", (long long)json_integer_value(d));
}

static void add_properties(struct str *out, json_t *properties, int depth)
{
	const char *name;
	json_t *x;
	bool first = true;
	json_object_foreach(properties, name, x) {
		str_addf(out, "%s%s ", first ? "" : ", ", name);
		add_type(out, x, depth);
		first = false;
	}
}

static void add_type(struct str *out, json_t *x, int depth)
{
	const char *type = json_string_value(json_object_get(x, "type"));
	if (depth > MOST_TYPE_DEPTH) {
		str_add(out, "...");
	} else if (type && !strcmp(type, "tensor")) {
		json_t *spec = json_object_get(x, "tensor-spec");
		const char *dtype = json_string_value(json_object_get(spec, "dtype"));
		str_addf(out, "tensor %s (", dtype ? dtype : "?");
		add_shape(out, json_object_get(spec, "shape"));
		str_addc(out, ')');
	} else if (type && !strcmp(type, "array")) {
		str_add(out, "array of ");
		add_type(out, json_object_get(x, "items"), depth + 1);
	} else if (type && !strcmp(type, "map")) {
		str_add(out, "map of ");
		add_type(out, json_object_get(x, "values"), depth + 1);
	} else if (type && !strcmp(type, "object")) {
		str_addc(out, '{');
		add_properties(out, json_object_get(x, "properties"), depth + 1);
		str_addc(out, '}');
	} else {
		str_add(out, type ? type : "?");
	}
	if (json_is_false(json_object_get(x, "required")) || json_is_true(json_object_get(x, "optional")))
		str_addc(out, '?');
}

/* JSON inside a string, as MLflow writes it. */
static json_t *column_list(json_t *columns)
{
	return json_is_string(columns) ? json_loads(json_string_value(columns), 0, NULL) : json_incref(columns);
}

static void add_columns(struct str *out, const char *title, json_t *columns)
{
	json_t *list = column_list(columns), *x;
	size_t i;
	if (json_is_array(list) && json_array_size(list)) {
		str_addf(out, "%s%s: ", out->len ? "; " : "", title);
		json_array_foreach(list, i, x) {
			const char *name = json_string_value(json_object_get(x, "name"));
			str_addf(out, "%s%s%s", i ? ", " : "", name ? name : "", name ? " " : "");
			add_type(out, x, 0);
		}
	}
	json_decref(list);
}

const char *const *mlmodel_inputs(const char *json, struct arena *a, size_t *n)
{
	json_t *x = json_loads(json, 0, NULL), *list = column_list(json_object_get(json_object_get(x, "signature"), "inputs")), *column;
	const char **names = arena_array(a, json_array_size(list) + 1, sizeof *names);
	size_t i;
	*n = 0;
	json_array_foreach(list, i, column)
		if (json_is_string(json_object_get(column, "name")))
			names[(*n)++] = clean(a, json_string_value(json_object_get(column, "name")));
	json_decref(list);
	json_decref(x);
	return names;
}

void mlmodel_describe(const char *json, struct arena *a, struct mlmodel *out)
{
	json_t *x = json_loads(json, 0, NULL), *signature = json_object_get(x, "signature"), *size = json_object_get(x, "model_size_bytes");
	struct str flavors = STR_INIT, columns = STR_INIT;
	add_flavors(&flavors, json_object_get(x, "flavors"));
	add_columns(&columns, "in", json_object_get(signature, "inputs"));
	add_columns(&columns, "out", json_object_get(signature, "outputs"));
	add_columns(&columns, "params", json_object_get(signature, "params"));
	*out = (struct mlmodel){ .flavors = clean(a, flavors.p), .signature = clean(a, columns.p), .model_id = clean(a, json_string_value(json_object_get(x, "model_id"))),
		.run_id = clean(a, json_string_value(json_object_get(x, "run_id"))), .bytes = json_is_integer(size) && json_integer_value(size) > 0 ? json_integer_value(size) : 0 };
	str_free(&flavors);
	str_free(&columns);
	json_decref(x);
}

/* ---- environment ---- */

static void add_line(struct str *out, const char *s, size_t n, int *lines)
{
	while (n && strchr(" \t\r", s[n - 1]))
		n--;
	while (n && strchr(" \t", *s))
		s++, n--;
	if (!n || *s == '#' || ++*lines > MOST_REQUIREMENTS)
		return;
	str_add(out, out->len ? "\n" : "");
	text_clean(out, s, n, 0);
}

static void add_requirements(struct str *out, const char *text, int *lines)
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		add_line(out, text, (size_t)(end - text), lines);
	}
}

static void add_conda(struct str *out, const struct yamldoc_node *dependencies, int *lines)
{
	if (!dependencies || dependencies->kind == YAMLDOC_SCALAR)
		return;
	for (const struct yamldoc_node *x = dependencies->child; x; x = x->next) {
		if (x->kind == YAMLDOC_MAP)
			add_conda(out, yamldoc_get(x, "pip"), lines);
		else if (x->kind == YAMLDOC_SCALAR && x->n > 7 && !memcmp(x->text, "python=", 7))
			str_addf(out, "%spython %.*s", out->len ? "\n" : "", (int)(x->n - 7 - (x->text[7] == '=')), x->text + 7 + (x->text[7] == '='));
		else if (x->kind == YAMLDOC_SCALAR)
			add_line(out, x->text, x->n, lines);
	}
}

const char *mlmodel_environment(const char *root, struct arena *a)
{
	struct yamldoc *y = NULL;
	struct str out = STR_INIT, text = STR_INIT;
	int lines = 0;
	if (read_yaml(root, "python_env.yaml", BESIDE_BYTES, &y, NULL) == ST_OK) {
		const struct yamldoc_node *python = yamldoc_get(yamldoc_root(y), "python");
		if (python && python->kind == YAMLDOC_SCALAR)
			str_addf(&out, "python %.*s", (int)python->n, python->text);
	}
	yamldoc_free(y);
	y = NULL;
	if (read_beside(root, "requirements.txt", BESIDE_BYTES, &text, NULL) == ST_OK)
		add_requirements(&out, text.p, &lines);
	if (!lines && read_yaml(root, "conda.yaml", BESIDE_BYTES, &y, NULL) == ST_OK) {
		str_clear(&out);
		add_conda(&out, yamldoc_get(yamldoc_root(y), "dependencies"), &lines);
	}
	yamldoc_free(y);
	const char *kept = reg_clean(a, out.p, out.len, TEXT_LINES);
	str_free(&out);
	str_free(&text);
	return kept;
}
