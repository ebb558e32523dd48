/* Error codes: what a negative result means.
 *
 * Every call of polite returns its error; none sets or reads `errno`. There are two kinds of code:
 *   polite's own, the same number on every system, below -10000;
 *   the system's, with the name that POSIX gives it behind `POLITE_`. On Unix it is `-errno`.
 * A code that is new in the system and has no name here is passed on all the same; and a function of the program's own may pass
 * on the error of a plain call, on Unix as `-errno`. */
#ifndef POLITE_ERROR_H
#define POLITE_ERROR_H

#include "polite/base.h"

#include <errno.h>

/* polite's own. */
#define POLITE_INTERRUPTED (-10001) /* an interrupt was delivered; the call transferred nothing */
#define POLITE_END         (-10002) /* the stream ended before all bytes had been moved */
#define POLITE_UNATTACHED  (-10003) /* the calling thread cannot be attached (polite_self says when) */
#define POLITE_UNBALANCED  (-10004) /* something was left or popped that had not been entered or pushed, or out of order */
#define POLITE_UNBOUNDED   (-10005) /* there is no boundary (polite_call) to unwind to */
#define POLITE_INSIDE      (-10006) /* a blocked call of the calling thread is in the way, beneath a handler or a polite_blocking's function */

/* polite's own, for the codes EAI_… of libc's resolver (polite/names.h): those are small numbers, here positive and there
 * negative, that would be taken for the system's. */
#define POLITE_EAI_AGAIN      (-10101) /* not now: the name server did not answer, or there is something else that may pass */
#define POLITE_EAI_BADFLAGS   (-10102) /* flags that are not known */
#define POLITE_EAI_FAIL       (-10103) /* the name server, or the resolver, has failed for good */
#define POLITE_EAI_FAMILY     (-10104) /* a kind of address that is not known */
#define POLITE_EAI_MEMORY     (-10105) /* there is no memory */
#define POLITE_EAI_NONAME     (-10106) /* no such name, or no such service */
#define POLITE_EAI_OVERFLOW   (-10107) /* the name does not fit */
#define POLITE_EAI_SERVICE    (-10108) /* no such service for this kind of socket */
#define POLITE_EAI_SOCKTYPE   (-10109) /* a kind of socket that is not known */
#define POLITE_EAI_NODATA     (-10110) /* the name is there, and has no address */
#define POLITE_EAI_ADDRFAMILY (-10111) /* the name is there, and has no address of this kind */
#define POLITE_EAI_IDN_ENCODE (-10112) /* the name cannot be written in the letters of the name service */

/* The system's: those that POSIX names. */
#define POLITE_EPERM           (-EPERM)
#define POLITE_ENOENT          (-ENOENT)
#define POLITE_ESRCH           (-ESRCH)
#define POLITE_EINTR           (-EINTR)
#define POLITE_EIO             (-EIO)
#define POLITE_ENXIO           (-ENXIO)
#define POLITE_E2BIG           (-E2BIG)
#define POLITE_ENOEXEC         (-ENOEXEC)
#define POLITE_EBADF           (-EBADF)
#define POLITE_ECHILD          (-ECHILD)
#define POLITE_EAGAIN          (-EAGAIN)
#define POLITE_ENOMEM          (-ENOMEM)
#define POLITE_EACCES          (-EACCES)
#define POLITE_EFAULT          (-EFAULT)
#define POLITE_EBUSY           (-EBUSY)
#define POLITE_EEXIST          (-EEXIST)
#define POLITE_EXDEV           (-EXDEV)
#define POLITE_ENODEV          (-ENODEV)
#define POLITE_ENOTDIR         (-ENOTDIR)
#define POLITE_EISDIR          (-EISDIR)
#define POLITE_EINVAL          (-EINVAL)
#define POLITE_ENFILE          (-ENFILE)
#define POLITE_EMFILE          (-EMFILE)
#define POLITE_ENOTTY          (-ENOTTY)
#define POLITE_ETXTBSY         (-ETXTBSY)
#define POLITE_EFBIG           (-EFBIG)
#define POLITE_ENOSPC          (-ENOSPC)
#define POLITE_ESPIPE          (-ESPIPE)
#define POLITE_EROFS           (-EROFS)
#define POLITE_EMLINK          (-EMLINK)
#define POLITE_EPIPE           (-EPIPE)
#define POLITE_EDOM            (-EDOM)
#define POLITE_ERANGE          (-ERANGE)
#define POLITE_EDEADLK         (-EDEADLK)
#define POLITE_ENAMETOOLONG    (-ENAMETOOLONG)
#define POLITE_ENOLCK          (-ENOLCK)
#define POLITE_ENOSYS          (-ENOSYS)
#define POLITE_ENOTEMPTY       (-ENOTEMPTY)
#define POLITE_ELOOP           (-ELOOP)
#define POLITE_ENOMSG          (-ENOMSG)
#define POLITE_EIDRM           (-EIDRM)
#define POLITE_ENOLINK         (-ENOLINK)
#define POLITE_EPROTO          (-EPROTO)
#define POLITE_EBADMSG         (-EBADMSG)
#define POLITE_EOVERFLOW       (-EOVERFLOW)
#define POLITE_EILSEQ          (-EILSEQ)
#define POLITE_ENOTSOCK        (-ENOTSOCK)
#define POLITE_EDESTADDRREQ    (-EDESTADDRREQ)
#define POLITE_EMSGSIZE        (-EMSGSIZE)
#define POLITE_EPROTOTYPE      (-EPROTOTYPE)
#define POLITE_ENOPROTOOPT     (-ENOPROTOOPT)
#define POLITE_EPROTONOSUPPORT (-EPROTONOSUPPORT)
#define POLITE_EOPNOTSUPP      (-EOPNOTSUPP)
#define POLITE_EAFNOSUPPORT    (-EAFNOSUPPORT)
#define POLITE_EADDRINUSE      (-EADDRINUSE)
#define POLITE_EADDRNOTAVAIL   (-EADDRNOTAVAIL)
#define POLITE_ENETDOWN        (-ENETDOWN)
#define POLITE_ENETUNREACH     (-ENETUNREACH)
#define POLITE_ENETRESET       (-ENETRESET)
#define POLITE_ECONNABORTED    (-ECONNABORTED)
#define POLITE_ECONNRESET      (-ECONNRESET)
#define POLITE_ENOBUFS         (-ENOBUFS)
#define POLITE_EISCONN         (-EISCONN)
#define POLITE_ENOTCONN        (-ENOTCONN)
#define POLITE_ETIMEDOUT       (-ETIMEDOUT)
#define POLITE_ECONNREFUSED    (-ECONNREFUSED)
#define POLITE_EHOSTUNREACH    (-EHOSTUNREACH)
#define POLITE_EALREADY        (-EALREADY)
#define POLITE_EINPROGRESS     (-EINPROGRESS)
#define POLITE_ECANCELED       (-ECANCELED)
#define POLITE_EOWNERDEAD      (-EOWNERDEAD)
#define POLITE_ENOTRECOVERABLE (-ENOTRECOVERABLE)
#define POLITE_EWOULDBLOCK     POLITE_EAGAIN
#define POLITE_ENOTSUP         (-ENOTSUP)

#if defined _WIN32
/* … those that Windows has no number for. */
#define POLITE_EMULTIHOP       (-10201)
#define POLITE_ESTALE          (-10202)
#define POLITE_EDQUOT          (-10203)
#else
#define POLITE_EMULTIHOP       (-EMULTIHOP)
#define POLITE_ESTALE          (-ESTALE)
#define POLITE_EDQUOT          (-EDQUOT)
#endif

#if defined __linux__
/* The system's: those that only Linux has. */
#define POLITE_ENOTBLK         (-ENOTBLK)
#define POLITE_ECHRNG          (-ECHRNG)
#define POLITE_EL2NSYNC        (-EL2NSYNC)
#define POLITE_EL3HLT          (-EL3HLT)
#define POLITE_EL3RST          (-EL3RST)
#define POLITE_ELNRNG          (-ELNRNG)
#define POLITE_EUNATCH         (-EUNATCH)
#define POLITE_ENOCSI          (-ENOCSI)
#define POLITE_EL2HLT          (-EL2HLT)
#define POLITE_EBADE           (-EBADE)
#define POLITE_EBADR           (-EBADR)
#define POLITE_EXFULL          (-EXFULL)
#define POLITE_ENOANO          (-ENOANO)
#define POLITE_EBADRQC         (-EBADRQC)
#define POLITE_EBADSLT         (-EBADSLT)
#define POLITE_EBFONT          (-EBFONT)
#define POLITE_ENOSTR          (-ENOSTR)
#define POLITE_ENODATA         (-ENODATA)
#define POLITE_ETIME           (-ETIME)
#define POLITE_ENOSR           (-ENOSR)
#define POLITE_ENONET          (-ENONET)
#define POLITE_ENOPKG          (-ENOPKG)
#define POLITE_EREMOTE         (-EREMOTE)
#define POLITE_EADV            (-EADV)
#define POLITE_ESRMNT          (-ESRMNT)
#define POLITE_ECOMM           (-ECOMM)
#define POLITE_EDOTDOT         (-EDOTDOT)
#define POLITE_ENOTUNIQ        (-ENOTUNIQ)
#define POLITE_EBADFD          (-EBADFD)
#define POLITE_EREMCHG         (-EREMCHG)
#define POLITE_ELIBACC         (-ELIBACC)
#define POLITE_ELIBBAD         (-ELIBBAD)
#define POLITE_ELIBSCN         (-ELIBSCN)
#define POLITE_ELIBMAX         (-ELIBMAX)
#define POLITE_ELIBEXEC        (-ELIBEXEC)
#define POLITE_ERESTART        (-ERESTART)
#define POLITE_ESTRPIPE        (-ESTRPIPE)
#define POLITE_EUSERS          (-EUSERS)
#define POLITE_ESOCKTNOSUPPORT (-ESOCKTNOSUPPORT)
#define POLITE_EPFNOSUPPORT    (-EPFNOSUPPORT)
#define POLITE_ESHUTDOWN       (-ESHUTDOWN)
#define POLITE_ETOOMANYREFS    (-ETOOMANYREFS)
#define POLITE_EHOSTDOWN       (-EHOSTDOWN)
#define POLITE_EUCLEAN         (-EUCLEAN)
#define POLITE_ENOTNAM         (-ENOTNAM)
#define POLITE_ENAVAIL         (-ENAVAIL)
#define POLITE_EISNAM          (-EISNAM)
#define POLITE_EREMOTEIO       (-EREMOTEIO)
#define POLITE_ENOMEDIUM       (-ENOMEDIUM)
#define POLITE_EMEDIUMTYPE     (-EMEDIUMTYPE)
#define POLITE_ENOKEY          (-ENOKEY)
#define POLITE_EKEYEXPIRED     (-EKEYEXPIRED)
#define POLITE_EKEYREVOKED     (-EKEYREVOKED)
#define POLITE_EKEYREJECTED    (-EKEYREJECTED)
#define POLITE_ERFKILL         (-ERFKILL)
#define POLITE_EHWPOISON       (-EHWPOISON)
#endif

POLITE_BEGIN

/* The name of a code, such as "POLITE_INTERRUPTED" or "POLITE_EBADF"; "POLITE_OK" for 0 and above,
 * "POLITE_UNKNOWN" for a number that is no code. The text is constant and lasts for ever.
 * Async-signal-safe. Since 0.1. */
POLITE_API const char *polite_error_name(int code);

/* A sentence about a code, for people. System codes have the text of strerror(3), on Windows where it has one, which may depend on
 * the locale and, for an unknown number, be overwritten by the next call. Never null.
 * Not async-signal-safe. Since 0.1. */
POLITE_API const char *polite_strerror(int code);

POLITE_END_C

#endif
