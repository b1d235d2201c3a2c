#pragma once
// The kinds of faults that the format has, one row each: which parameters a kind takes, and whether
// this program has a meaning for it at all. Whether the program can also carry it out, the
// vocabulary says ("fault.crash").

#include <span>
#include <string_view>

namespace bsim {

struct FaultKind {
    std::string_view name;
    // Besides those that all take (id, fault, at, after, when, delay, hold, every, jitter, times,
    // probability), separated by single spaces.
    std::string_view parameters = {};
    bool needs_end = false;    // `for` or `until` must be there
    bool needs_every = false;  // it is made to be repeated
    bool described = true;     // false: a later part of the format
    bool always_ends = false;  // by itself, at once or when it is done
};

std::span<const FaultKind> all_fault_kinds();
const FaultKind* find_fault_kind(std::string_view name);

}  // namespace bsim
