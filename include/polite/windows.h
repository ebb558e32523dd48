/* What only Windows has. */
#ifndef POLITE_WINDOWS_H
#define POLITE_WINDOWS_H

#include "polite/base.h"

#if defined _WIN32

POLITE_BEGIN

/* An error of Windows that has no counterpart in polite/error.h keeps its number, in a range of its own: POLITE_WINDOWS(ERROR_…). */
#define POLITE_WINDOWS_BASE    (-0x1000000)
#define POLITE_WINDOWS(number) (POLITE_WINDOWS_BASE - (int)((number) & 0xffffff))

POLITE_END_C

#endif

#endif
