// What several pending requests come to: which was first, and which of them a delivery uses up.
#pragma once

#include "record.h"

namespace polite {

// The reason of that request among `due` (bits of `now`) which was made first.
int first_reason(const Record &record, uint64_t now, uint64_t due);

// All that a delivery of `due` takes out of `now`: what is not latched, with the fields that belong to it.
uint64_t consumed(uint64_t now, uint64_t due);

// Frees the slots of request objects that have been withdrawn, unless the owner is taking requests just now.
void give_up_slots(Record &record);

}  // namespace polite
