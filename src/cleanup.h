// The cleanup stack: a list of nodes that the program owns, from the latest on. A boundary (polite_call) is a node on it, too, so
// that unwinding is popping until one is met, and nothing else has to be kept in step.
//
// A node on a stack, or in a stretch, is sealed: it knows its own address. So a node that is pushed twice is told from one that
// was never pushed, and one whose frame has been left and written over is found out before its pointers are believed.
#pragma once

#include "platform.h"

namespace polite {

struct Node {
  Node *beneath;
  void (*fn)(void *);  // null: a boundary
  void *arg;
  uintptr_t seal;

  static constexpr uintptr_t KEY = uintptr_t(0x6b1e9f4d3ca8d250), ALLOCATED = 1;
  uintptr_t own_seal() const { return reinterpret_cast<uintptr_t>(this) ^ KEY; }
  bool sealed() const { return (seal & ~ALLOCATED) == own_seal(); }
  bool allocated() const { return seal & ALLOCATED; }
  bool is_boundary() const { return !fn; }
};

// The calling thread's top of stack. Signal handlers push and pop, so it is changed last when pushing, first when popping.
POLITE_INLINE void push_node(Whereabouts &here, Node &node, uintptr_t flags = 0) {
  node.beneath = here.cleanup;
  node.seal = node.own_seal() | flags;
  order_for_handlers();
  here.cleanup = &node;
}

POLITE_INLINE void unlink_node(Whereabouts &here, Node &node) {
  here.cleanup = node.beneath;
  order_for_handlers();
  node.seal = 0;
}

// Pops and runs the calling thread's handlers down to `end`, which is there, with no boundary on the way.
void run_down_to(Whereabouts &here, const Node *end);

void tell_of_broken_stack(Whereabouts &here);

// Walks down the calling thread's stack to the first node for which `found` holds. Null if there is none. If the stack is broken it is
// told, and dropped: what is beneath cannot be known.
template <class Found>
Node *find_beneath(Whereabouts &here, Found found) {
  for (Node *at = here.cleanup; at; at = at->beneath) {
    if (unlikely(!at->sealed())) {
      tell_of_broken_stack(here);
      return nullptr;
    }
    if (found(*at)) return at;
  }
  return nullptr;
}

}  // namespace polite
