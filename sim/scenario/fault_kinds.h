#pragma once
// The kinds of faults that the format has, one row each: which parameters a kind takes, and whether
// this program has a meaning for it at all. Whether the program can also carry it out, the
// vocabulary says ("fault.crash"). Names stand in lists that single spaces separate.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace bsim {

struct FaultKind {
    std::string_view name;
    // Parameters besides those that all take (id, fault, at, after, when, delay, hold, every,
    // jitter, times, probability).
    std::string_view needed = {};
    std::string_view optional = {};
    // Exactly one of these groups is needed, which " | " separates: "target | from to".
    std::string_view choice = {};
    std::string_view any_of = {};  // at least one of these is needed
    enum class End : std::uint8_t {
        Open,    // lasts to the end of the run unless something ends it
        Always,  // ends by itself, at once or when it is done
    } end = End::Open;
    bool repeats = false;   // it is made to be repeated
    bool described = true;  // false: a later part of the format
};

std::span<const FaultKind> all_fault_kinds();
const FaultKind* find_fault_kind(std::string_view name);
// Is it a parameter of the kind, needed or not?
bool takes(const FaultKind& kind, std::string_view parameter);
// The groups of `choice`.
std::vector<std::string_view> choices_of(const FaultKind& kind);

}  // namespace bsim
