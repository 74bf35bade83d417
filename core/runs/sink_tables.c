/* The workspace's tables as importers write them: one row per entity, set and plain row. */
#include <stddef.h>
#include "core/base/topic.h"
#include "core/runs/sink_priv.h"

#define COUNT(field) offsetof(struct import_report, field)
#define NO_COUNT SIZE_MAX
#define OWNED "source_id=?1"

const struct kind_def sink_kinds[SINK_KINDS] = {
	[SINK_EXPERIMENT] = { "experiment", "experiment", "source_id,ext_id", "?1,?3", "SELECT id,0 FROM experiment WHERE source_id=?1 AND ext_id=?3",
		"namespace,name,artifact_uri,created_ms,updated_ms,deleted", OWNED,
		SINK_KINDS, COUNT(experiments), TOPIC_RUNS },
	[SINK_RUN] = { "run", "run", "source_id,uuid", "?1,?3", "SELECT id,experiment_id FROM run WHERE source_id=?1 AND uuid=?3",
		"experiment_id,?name,status,?user,?entry,start_ms,end_ms,deleted_ms,artifact_uri,deleted", OWNED,
		SINK_KINDS, COUNT(runs), TOPIC_RUNS },
	[SINK_DATASET] = { "dataset", "dataset", "experiment_id,name,digest", "?2,?3,?4", "SELECT id,0 FROM dataset WHERE experiment_id=?2 AND name=?3 AND digest=?4",
		"source_type,source,schema,profile", "experiment_id IN (SELECT id FROM experiment WHERE source_id=?1)", SINK_EXPERIMENT, COUNT(datasets), TOPIC_RUNS },
	[SINK_LOGGED] = { "logged model", "logged_model", "source_id,model_id", "?1,?3", "SELECT id,0 FROM logged_model WHERE source_id=?1 AND model_id=?3",
		"experiment_id,name,artifact_uri,created_ms,updated_ms,status,model_type,source_run,status_message,deleted",
		OWNED, SINK_KINDS, COUNT(logged_models), TOPIC_MODELS },
	[SINK_MODEL] = { "model", "model", "source_id,namespace,name", "?1,?3,?4", "SELECT id,0 FROM model WHERE source_id=?1 AND namespace=?3 AND name=?4",
		"created_ms,updated_ms,description,deleted", OWNED, SINK_KINDS, COUNT(models), TOPIC_MODELS },
	[SINK_VERSION] = { "model version", "model_version", "model_id,version", "?2,?3", "SELECT id,0 FROM model_version WHERE model_id=?2 AND version=?3",
		"created_ms,updated_ms,description,user,stage,source,run_uuid,status,status_message,run_link,storage_location,deleted",
		"model_id IN (SELECT id FROM model WHERE source_id=?1)", SINK_MODEL, COUNT(versions), TOPIC_MODELS },
	[SINK_TRACE] = { "trace", "trace", "source_id,trace_id", "?1,?3", "SELECT id,0 FROM trace WHERE source_id=?1 AND trace_id=?3",
		"experiment_id,start_ms,took_ms,status,client_id,request_preview,response_preview,deleted", OWNED,
		SINK_KINDS, COUNT(traces), TOPIC_RUNS },
};

const struct set_def sink_sets[SETS] = {
	[SET_EXPERIMENT_TAG] = { "experiment tag", "experiment_tag", "experiment_id", NULL, "key", "value", SINK_EXPERIMENT, false, -1, NO_COUNT, TOPIC_RUNS },
	[SET_PARAM] = { "param", "param", "run_id", NULL, "name_id", "value", SINK_RUN, true, 1, COUNT(params), TOPIC_RUNS },
	[SET_TAG] = { "tag", "tag", "run_id", NULL, "name_id", "value", SINK_RUN, true, 2, COUNT(tags), TOPIC_RUNS },
	[SET_RUN_DATASET] = { "dataset of a run", "run_dataset", "run_id", NULL, "dataset_id", "tags", SINK_RUN, false, -1, NO_COUNT, TOPIC_RUNS },
	[SET_RUN_INPUT] = { "input model of a run", "run_model", "run_id", "direction=0", "model_id", "step", SINK_RUN, false, -1, NO_COUNT, TOPIC_RUNS },
	[SET_RUN_OUTPUT] = { "output model of a run", "run_model", "run_id", "direction=1", "model_id", "step", SINK_RUN, false, -1, NO_COUNT, TOPIC_RUNS },
	[SET_LOGGED_PARAM] = { "param of a logged model", "logged_model_item", "logged_model_id", "kind=1", "key", "value", SINK_LOGGED, false, -1, NO_COUNT, TOPIC_MODELS },
	[SET_LOGGED_TAG] = { "tag of a logged model", "logged_model_item", "logged_model_id", "kind=2", "key", "value", SINK_LOGGED, false, -1, NO_COUNT, TOPIC_MODELS },
	[SET_MODEL_TAG] = { "model tag", "model_tag", "model_id", NULL, "key", "value", SINK_MODEL, false, -1, NO_COUNT, TOPIC_MODELS },
	[SET_VERSION_TAG] = { "model version tag", "model_version_tag", "version_id", NULL, "key", "value", SINK_VERSION, false, -1, NO_COUNT, TOPIC_MODELS },
	[SET_ALIAS] = { "alias", "model_alias", "model_id", NULL, "alias", "version", SINK_MODEL, false, -1, NO_COUNT, TOPIC_MODELS },
	[SET_TRACE_META] = { "trace metadata", "trace_item", "trace_id", "kind=0", "key", "value", SINK_TRACE, false, -1, NO_COUNT, TOPIC_RUNS },
	[SET_TRACE_ATTR] = { "trace attribute", "trace_item", "trace_id", "kind=1", "key", "value", SINK_TRACE, false, -1, NO_COUNT, TOPIC_RUNS },
	[SET_TRACE_TAG] = { "trace tag", "trace_item", "trace_id", "kind=2", "key", "value", SINK_TRACE, false, -1, NO_COUNT, TOPIC_RUNS },
	[SET_ASSESSMENT] = { "assessment", "assessment", "trace_id", NULL, "assessment_id", "content", SINK_TRACE, false, -1, NO_COUNT, TOPIC_RUNS },
};

const struct row_def sink_rows[ROWS] = {
	[ROW_LOGGED_METRIC] = { "metric of a logged model",
		"INSERT INTO logged_model_metric(logged_model_id,key,ms,step,value,run_uuid,dataset_name,dataset_digest) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"
		" ON CONFLICT DO UPDATE SET value=excluded.value,dataset_name=excluded.dataset_name,dataset_digest=excluded.dataset_digest"
		" WHERE value IS NOT excluded.value OR dataset_name IS NOT excluded.dataset_name OR dataset_digest IS NOT excluded.dataset_digest",
		SINK_LOGGED, 7, TOPIC_MODELS },
	[ROW_SPAN] = { "span",
		"INSERT INTO span(trace_id,span_id,parent_id,name,type,status,start_ns,end_ns,content) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"
		" ON CONFLICT DO UPDATE SET parent_id=excluded.parent_id,name=excluded.name,type=excluded.type,status=excluded.status,"
		"start_ns=excluded.start_ns,end_ns=excluded.end_ns,content=excluded.content"
		" WHERE content IS NOT excluded.content OR end_ns IS NOT excluded.end_ns OR status IS NOT excluded.status",
		SINK_TRACE, 8, TOPIC_RUNS },
};
