/* topic -- what changed in a workspace; views say which topics make them stale. */
#ifndef MLYARD_BASE_TOPIC_H
#define MLYARD_BASE_TOPIC_H
enum topic {
	TOPIC_RUNS = 1 << 0, TOPIC_METRICS = 1 << 1, TOPIC_MODELS = 1 << 2, TOPIC_SOURCES = 1 << 3,
	TOPIC_TASKS = 1 << 4, TOPIC_NOTICES = 1 << 5, TOPIC_LOG = 1 << 6, TOPIC_SETTINGS = 1 << 7,
	TOPIC_CLOCK = 1 << 8,    /* ages on screen: at most once a second, only when one would read differently */
	TOPIC_DRIFT = 1 << 9,
};
#endif
