// The conventions of errno, for the functions that stand in for plain names.
#pragma once

namespace polite {

// Sets errno for a negative result: ECANCELED for an interrupt, of which polite_dropin_interrupted then knows. -1.
int by_errno(long error);

}  // namespace polite
