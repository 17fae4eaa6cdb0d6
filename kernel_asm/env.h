/* What assembly knows of struct Env (kernel/env.py, which asserts the same) and of capabilities (kernel/captypes.py). */

#define ENV_KSTACK	0
#define ENV_CR3		8
#define ENV_CONTEXT	16
#define ENV_STATE	24
#define ENV_INDEX	28
#define ENV_EPOCH	32
#define ENV_CPU		36
#define ENV_PCT_ENTRY	40
#define ENV_PCT_STACK	48
#define ENV_DONEE	56
#define ENV_CALLER	60
#define ENV_RESTARTS	64
#define ENV_ATTENTION	72
#define ENV_SERVING	68
#define ENV_STOPS	76
#define ENV_QUEUE_HEAD	80
#define ENV_DOOR	92
#define ENV_NOTIFIED	96
#define ENV_ZONE	104
#define ENV_PORT_COUNT	108
#define ENV_UPCALL_DEPTH	136
#define ENV_SERVES	148
#define ENV_SIZE	320

#define STATE_RUNNING	3
#define STATE_WAITING	4
#define STATE_CALLING	5
#define ATTENTION_KILLED	1
#define NO_ENV		0xffffffff
#define NO_CPU		0xffffffff

/* struct CapTable (kernel/caps.py) and struct Capability (kernel/captypes.py). */
#define CAPTABLE_DIRECTORY	0
#define CAPTABLE_FRAMES		8
#define CAPTABLE_SIZE		32
#define CAP_BASE	0
#define CAP_GENERATION	16
#define CAP_TYPE	20
#define CAP_RIGHTS	22
#define CAP_ZONE	24
#define CAP_EPOCH	28
#define CAP_TYPE_ENV	2
#define RIGHT_CALL	8
#define CAP_TYPE_DOOR	3

/* struct Door (kernel/door.py). */
#define DOOR_OWNER	4
#define DOOR_ENTRY	8
#define DOOR_COOKIE	16
#define DOOR_SIZE	24
