/* A play: a scene, and one of the calls in it. */
#ifndef PLAY_H
#define PLAY_H

#include "table.h"

typedef struct play {
  const call_t *call;
  scene_t scene;
} play_t;

/* The rows of all tables, up to one without a name. */
extern call_t calls[];
void collect_calls(void);

/* The same, without those that cannot be had here; and what is said of the rest may not hold here. Prints which. */
void look_around(void);

void begin_play(play_t *play, const call_t *call);

/* A body, with a play: makes the call. */
void call_once(actor_t *actor);

void assert_done(const call_t *call, long result);
void assert_interrupted(const call_t *call, long result);

#endif
