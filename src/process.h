// The process that the library is in, which a fork changes (rule 12).
//
// Nothing of ours runs at a fork, so a child of _Fork or of a raw clone is found out, too: the first entry that is not on the fast path
// notices, counts the fork, and what carries an older count is void. The thread that forked goes on in the child as its
// only one, with the same handle and nothing pending; its record is brought up to date by itself.
#pragma once

#include "record.h"

namespace polite {

// The calling thread's record, as it is in this process. To be called before anything is asked of any thread.
Record &present();

// How many forks, as far as noticed, lie between this process and the one that loaded the library.
uint32_t forks();

// With which POLITE_BACKEND_ threads begin; known once one has been attached.
int initial_backend();

// Attaches the calling thread, if it is not attached yet. Its record, or `nobody` or `gone` if that cannot be.
Record &attached_self();

}  // namespace polite
