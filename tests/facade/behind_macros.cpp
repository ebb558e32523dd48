// The facade behind the macros min and max, which <windows.h> has wherever a program does not say NOMINMAX.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <istream>
#include <limits>
#include <memory>
#include <optional>
#include <streambuf>
#include <string>
#include <thread>
#include <tuple>
#if defined __has_include
#  if __has_include(<stop_token>)
#    include <stop_token>
#  endif
#  if __has_include(<span>)
#    include <span>
#  endif
#endif
#if defined _WIN32
#  include <winsock2.h>
#  include <windows.h>
#endif

#undef min
#undef max
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

#include <polite.hpp>
