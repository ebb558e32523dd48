// Cleanup stacks: pushing, popping, running, and stretches that change hands.
#include "cleanup.h"

#include "broken.h"
#include "polite/cleanup.h"
#include "polite/error.h"
#include "shield.h"

#include <stdlib.h>

namespace polite {

namespace {

static_assert(sizeof(Node) <= sizeof(polite_cleanup_t) && alignof(Node) <= alignof(polite_cleanup_t));

Node &inside(polite_cleanup_t *node) { return *reinterpret_cast<Node *>(node); }

// What is inside a polite_mark_t.
struct Mark {
  Node *top;
  const Whereabouts *thread;
};
static_assert(sizeof(Mark) <= sizeof(polite_mark_t) && alignof(Mark) <= alignof(polite_mark_t));

// What is inside a polite_stretch_t. All zero: empty.
struct Stretch {
  Node *top, *bottom;
};
static_assert(sizeof(Stretch) <= sizeof(polite_stretch_t) && alignof(Stretch) <= alignof(polite_stretch_t));

Stretch &inside(polite_stretch_t *stretch) { return *reinterpret_cast<Stretch *>(stretch); }

bool state_disabled() { return platform::self().state_disabled; }

// Handlers, one after the other, shielded. What one does with its shields does not concern the next; but the cancelability state is
// the thread's, and a handler may be there to restore it.
class Shielded_handlers {
 public:
  Shielded_handlers() : before_(shield_depth() - state_disabled()) {}
  ~Shielded_handlers() { set_shield_depth(before_ + state_disabled()); }
  Shielded_handlers(const Shielded_handlers &) = delete;
  Shielded_handlers &operator=(const Shielded_handlers &) = delete;

  // The node has been unlinked. From the first instruction of its handler on it may be gone.
  void run(Node &node, bool allocated) {
    auto fn = node.fn;
    void *arg = node.arg;
    if (allocated) free(&node);
    set_shield_depth(before_ + state_disabled() + 1);
    fn(arg);
  }

 private:
  int before_;  // the depth, but for the state's own
};

// Whether what is above the mark can be taken off the calling thread's stack: 0 or an error. `bottom` is the lowest of it, or null.
int check_mark(Whereabouts &here, const polite_mark_t *mark_, Node *&bottom) {
  if (!mark_) return POLITE_EINVAL;
  const Mark &mark = *reinterpret_cast<const Mark *>(mark_);
  if (mark.thread != &here) return POLITE_EPERM;
  bottom = nullptr;
  if (here.cleanup == mark.top) return 0;
  bottom = find_beneath(here, [&](const Node &node) { return node.is_boundary() || node.beneath == mark.top; });
  return bottom && !bottom->is_boundary() ? 0 : POLITE_UNBALANCED;
}

Node *top_of(const polite_mark_t *mark) { return reinterpret_cast<const Mark *>(mark)->top; }

// The next of a stretch. Its nodes may have been taken off by way of a copy of it, or written over.
Node *next_of(Stretch &stretch) {
  Node *node = stretch.top;
  if (!node || node->sealed()) return node;
  stretch = {};
  broken("polite: a cleanup handler's node was overwritten, or run, while it was in a stretch");
  return nullptr;
}

int push(Node &node, void (*fn)(void *), void *arg, uintptr_t flags) {
  node.fn = fn;
  node.arg = arg;
  push_node(platform::whereabouts(), node, flags);
  return 0;
}

POLITE_COLD int run_popped(Node &node, bool allocated, int execute) {
  if (execute) Shielded_handlers().run(node, allocated);
  else if (allocated) free(&node);
  return 0;
}

}  // namespace

void tell_of_broken_stack(Whereabouts &here) {
  here.cleanup = nullptr;
  broken("polite: a cleanup handler's node was overwritten while it was on the stack (did its function return without popping it?)");
}

void run_down_to(Whereabouts &here, const Node *end) {
  Shielded_handlers handlers;
  while (here.cleanup != end) {
    bool lost = !here.cleanup || here.cleanup->is_boundary() || (end && !end->sealed());
    if (lost) return broken("polite: a cleanup handler has popped what is beneath it");
    if (!here.cleanup->sealed()) return tell_of_broken_stack(here);
    Node &node = *here.cleanup;
    bool allocated = node.allocated();
    unlink_node(here, node);
    handlers.run(node, allocated);
  }
}

}  // namespace polite

using namespace polite;

extern "C" {

int polite_cleanup_push(polite_cleanup_t *node_, void (*fn)(void *), void *arg) {
  if (unlikely(!node_ || !fn)) return POLITE_EINVAL;
  Node &node = inside(node_);
  if (unlikely(node.sealed())) return POLITE_EALREADY;
  if (!platform::is_own(platform::whereabouts())) return POLITE_UNATTACHED;
  return push(node, fn, arg, 0);
}

int polite_cleanup_push_new(polite_cleanup_t **node_, void (*fn)(void *), void *arg) {
  if (node_) *node_ = nullptr;
  if (!fn) return POLITE_EINVAL;
  if (!platform::is_own(platform::whereabouts())) return POLITE_UNATTACHED;
  void *memory = malloc(sizeof(polite_cleanup_t));
  if (!memory) return POLITE_ENOMEM;
  if (node_) *node_ = static_cast<polite_cleanup_t *>(memory);
  return push(*static_cast<Node *>(memory), fn, arg, Node::ALLOCATED);
}

int polite_cleanup_pop(polite_cleanup_t *node_, int execute) {
  if (unlikely(!node_)) return POLITE_EINVAL;
  Whereabouts &here = platform::whereabouts();
  Node &node = inside(node_);
  if (unlikely(here.cleanup != &node)) return POLITE_UNBALANCED;
  bool allocated = node.allocated();
  if (unlikely(!node.sealed())) {
    tell_of_broken_stack(here);
    return POLITE_UNBALANCED;
  }
  unlink_node(here, node);
  return likely(!execute && !allocated) ? 0 : run_popped(node, allocated, execute);
}

int polite_cleanup_mark(polite_mark_t *mark) {
  if (!mark) return POLITE_EINVAL;
  Whereabouts &here = platform::whereabouts();
  *reinterpret_cast<Mark *>(mark) = {here.cleanup, &here};
  return 0;
}

int polite_cleanup_run(const polite_mark_t *mark) {
  Whereabouts &here = platform::whereabouts();
  Node *bottom;
  int error = check_mark(here, mark, bottom);
  if (error == 0) run_down_to(here, top_of(mark));
  return error;
}

int polite_cleanup_take(polite_stretch_t *stretch_, const polite_mark_t *mark) {
  if (!stretch_) return POLITE_EINVAL;
  Whereabouts &here = platform::whereabouts();
  Node *bottom;
  int error = check_mark(here, mark, bottom);
  if (error || !bottom) return error;
  Stretch &stretch = inside(stretch_);
  Node *top = here.cleanup;
  here.cleanup = bottom->beneath;
  bottom->beneath = stretch.top;
  stretch = {top, stretch.top ? stretch.bottom : bottom};
  return 0;
}

int polite_cleanup_put(polite_stretch_t *stretch_) {
  if (!stretch_) return POLITE_EINVAL;
  Stretch &stretch = inside(stretch_);
  if (!next_of(stretch)) return 0;
  Whereabouts &here = platform::whereabouts();
  stretch.bottom->beneath = here.cleanup;
  here.cleanup = stretch.top;
  stretch = {};
  return 0;
}

int polite_cleanup_run_stretch(polite_stretch_t *stretch_) {
  if (!stretch_) return POLITE_EINVAL;
  Stretch &stretch = inside(stretch_);
  Shielded_handlers handlers;
  while (Node *node = next_of(stretch)) {
    bool allocated = node->allocated();
    stretch.top = node->beneath;
    node->seal = 0;
    handlers.run(*node, allocated);
  }
  return 0;
}

int polite_cleanup_forget(polite_stretch_t *stretch_) {
  if (!stretch_) return POLITE_EINVAL;
  Stretch &stretch = inside(stretch_);
  while (Node *node = next_of(stretch)) {
    bool allocated = node->allocated();
    stretch.top = node->beneath;
    node->seal = 0;
    if (allocated) free(node);
  }
  return 0;
}

}  // extern "C"
