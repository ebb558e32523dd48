// polite for C++: blocking calls that can be interrupted, and lose nothing.
//
// Header-only, over the C interface (polite.h). C++17, and what C++20 adds where the compiler has it. This header is the umbrella; each
// topic below can be read, and included, on its own. What a call does stands in the C header that its own names.
#ifndef POLITE_HPP
#define POLITE_HPP

#include "polite.h"

#include "polite/error.hpp"               // errc, category: codes as std::error_code
#include "polite/interrupted.hpp"         // the exception, the two forms of each call, and what holds while the stack unwinds
#include "polite/interrupt.hpp"           // interrupt, request, checkpoint, shield
#include "polite/bytes.hpp"               // byte_span, const_byte_span
#include "polite/descriptor.hpp"          // unique_fd, unique_sock
#include "polite/io.hpp"                  // read, write, read_full, write_all, and what else descriptors do
#include "polite/streambuf.hpp"           // fdbuf, fdstream: iostreams over a descriptor
#include "polite/stream.hpp"              // streams of stdio
#include "polite/socket.hpp"              // send, recv, accept, connect
#include "polite/ipc.hpp"                 // queues of messages, semaphores of System V
#include "polite/linux.hpp"               // epoll, sendfile and what only Linux has
#include "polite/windows.hpp"             // what only Windows has
#include "polite/names.hpp"               // getaddrinfo
#include "polite/process.hpp"             // waiting for children
#include "polite/signal.hpp"              // waiting for signals
#include "polite/time.hpp"                // this_thread::sleep_for, and how times are told
#include "polite/thread.hpp"              // thread, which ends with its owner
#include "polite/stop_token.hpp"          // stop_binding: std::stop_token wakes blocking calls (C++20)
#include "polite/cleanup.hpp"             // cleanup, a scope guard
#include "polite/call.hpp"                // call, at which interrupts stop
#include "polite/mutex.hpp"               // mutex, recursive_mutex
#include "polite/shared_mutex.hpp"        // shared_mutex
#include "polite/condition_variable.hpp"  // condition_variable
#include "polite/semaphore.hpp"           // semaphore, event, barrier
#include "polite/park.hpp"                // this_thread::park, unpark
#include "polite/blocking.hpp"            // blocking calls that polite does not know

#endif
