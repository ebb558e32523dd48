/* src/hooks.h for C: the same places in the same order. */
#ifndef HOOKS_IN_C_H
#define HOOKS_IN_C_H

enum {
  HOOK_REQUEST_SET,
  HOOK_REGION_SEEN,
  HOOK_BEFORE_KICK,
  HOOK_COUNTED,
  HOOK_BEFORE_TAKING,
  HOOK_WAKE_TAKEN,
  HOOK_REGION_LEFT,
  HOOK_LEAVING,
  HOOK_GUARDED,
  HOOK_BEFORE_POST
};

extern void (*polite_hook)(int);

#endif
