/* Accounts of handlers: kept by the program, for the library's own list is what is on trial. */
#include "at_random.h"

int account_push(struct account *account) {
  int number = ++account->numbers;
  REQUIRE(account->entries < LOG);
  account->log[account->entries++] = number;
  return number;
}

void account_give_back(struct account *account, int number) {
  REQUIRE(account->entries < LOG);
  account->log[account->entries++] = -number;
}

bool account_is_long(const struct account *account) { return account->entries > LOG / 2; }

/* What is held, the latest last. */
struct held {
  int numbers[LOG];
  int count;
};

static void take_back(struct held *held, int number, struct totals *totals) {
  int at = held->count;
  while (at > 0 && held->numbers[at - 1] != number) --at;
  if (at == 0 || at != held->count) ++totals->out_of_order; /* a second time; or before its turn */
  if (at == 0) return;
  for (; at < held->count; ++at) held->numbers[at - 1] = held->numbers[at];
  --held->count;
}

void account_settle(struct account *account, struct totals *totals) {
  struct held held;
  held.count = 0;
  for (int i = 0; i < account->entries; ++i) {
    int entry = account->log[i];
    if (entry > 0) held.numbers[held.count++] = entry;
    else take_back(&held, -entry, totals);
  }
  totals->handlers += account->numbers;
  totals->not_run += held.count;
  account->entries = account->numbers = 0;
}

bool all_is_well(const struct totals *totals) { return totals->not_run == 0 && totals->out_of_order == 0; }
