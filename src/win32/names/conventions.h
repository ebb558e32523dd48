// How the functions behind plain names tell an error: by the C runtime's errno, and by Winsock's and the system's last error. They are part of
// the program, not of the DLL: a process has as many errno as it has C runtimes, and the program's is the one that it looks at.
#pragma once

#include "polite/base.h"
#include "win32/api.h"

namespace polite {

// Sets errno for a negative result: ECANCELED for an interrupt, of which polite_dropin_interrupted then knows. -1.
int by_errno(polite_ssize_t code);

// The system's number for a negative result of a call on sockets: WSA_E_CANCELLED for an interrupt, likewise.
DWORD winsock_error(polite_ssize_t code);

// Sets that number. SOCKET_ERROR, which is -1.
int by_last_error(polite_ssize_t code);

}  // namespace polite
