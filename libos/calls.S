/* A function for each system call: the number, and the fourth argument where SYSCALL wants it. Generated from kernel/abi/calls.toml by `python -m kernel.abi.generate`; do not edit. */
#include "calls.h"
#include "user.h"

	.text
	STUB exo_null, SYS_NULL
	STUB exo_info, SYS_INFO
	STUB exo_clock, SYS_CLOCK
	STUB exo_write, SYS_WRITE
	STUB exo_read, SYS_READ
	STUB exo_env_create, SYS_ENV_CREATE
	STUB exo_env_start, SYS_ENV_START
	STUB exo_env_resume, SYS_ENV_RESUME
	STUB exo_env_state, SYS_ENV_STATE
	STUB exo_env_get, SYS_ENV_GET
	STUB exo_env_set, SYS_ENV_SET
	STUB exo_frame_alloc, SYS_FRAME_ALLOC
	STUB exo_frame_next_free, SYS_FRAME_NEXT_FREE
	STUB exo_map, SYS_MAP
	STUB exo_unmap, SYS_UNMAP
	STUB exo_protect, SYS_PROTECT
	STUB exo_query, SYS_QUERY
	STUB exo_cap_derive, SYS_CAP_DERIVE
	STUB exo_cap_grant, SYS_CAP_GRANT
	STUB exo_cap_move, SYS_CAP_MOVE
	STUB exo_repossessed, SYS_REPOSSESSED
	STUB exo_cap_validate, SYS_CAP_VALIDATE
	STUB exo_cap_read, SYS_CAP_READ
	STUB exo_caps_grow, SYS_CAPS_GROW
	STUB exo_pct_set, SYS_PCT_SET
	STUB exo_door_create, SYS_DOOR_CREATE
	STUB exo_notify_take, SYS_NOTIFY_TAKE
	STUB exo_irq_bind, SYS_IRQ_BIND
	STUB exo_port_bind, SYS_PORT_BIND
	STUB exo_port_unbind, SYS_PORT_UNBIND
	STUB exo_slice_bind, SYS_SLICE_BIND
	STUB exo_zone_create, SYS_ZONE_CREATE
	STUB exo_zone_unlock, SYS_ZONE_UNLOCK
	STUB exo_zone_enter, SYS_ZONE_ENTER
	STUB exo_exit, SYS_EXIT
	STUB exo_env_stop, SYS_ENV_STOP
	STUB exo_env_destroy, SYS_ENV_DESTROY
	STUB exo_env_wait, SYS_ENV_WAIT
	STUB exo_cap_drop, SYS_CAP_DROP
	STUB exo_cap_revoke, SYS_CAP_REVOKE
	STUB exo_upcall_set, SYS_UPCALL_SET
	STUB exo_upcall_return, SYS_UPCALL_RETURN
	STUB exo_wait, SYS_WAIT
	STUB exo_door_return, SYS_DOOR_RETURN
	STUB exo_door_revoke, SYS_DOOR_REVOKE
	STUB exo_notify, SYS_NOTIFY
	STUB exo_irq_ack, SYS_IRQ_ACK
	STUB exo_slice_unbind, SYS_SLICE_UNBIND
	STUB exo_yield, SYS_YIELD
	STUB exo_zone_lock, SYS_ZONE_LOCK
	STUB exo_zone_destroy, SYS_ZONE_DESTROY
