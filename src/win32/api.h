// The one place where the system's headers are included: the order of the first two, and what is left out of them, matter.
#pragma once

#if !defined WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#if !defined NOMINMAX
#define NOMINMAX
#endif

#include <winsock2.h>
#include <windows.h>
