#pragma once
// What a scenario expects of a run.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/time.h"
#include "sim/scenario/expression.h"

namespace bsim {

enum class ExpectedOutcome : std::uint8_t { Holds, Violated };

struct CheckExpect {
    std::string check;  // one of Vocabulary::checks
    bool operator==(const CheckExpect&) const = default;
};

// When an expectation begins to count: when a fault first begins, or has ended, or else at `from`.
struct ExpectStart {
    SimTime from;
    std::optional<std::string> fault;
    bool end = false;
    bool operator==(const ExpectStart&) const = default;
};

struct EventuallyExpect {  // true at an instant from the start to `within` after it
    Expression expression;
    ExpectStart start;
    SimDuration within;
    bool operator==(const EventuallyExpect&) const = default;
};
struct AlwaysExpect {  // never false (never true, if `negated`) from the start up to `to`
    Expression expression;
    bool negated = false;
    ExpectStart start;
    std::optional<SimTime> to;
    bool operator==(const AlwaysExpect&) const = default;
};
struct SequenceExpect {  // the known values, one after another without repeats, are exactly these
    Expression expression;
    std::vector<ExpressionValue> is;
    ExpectStart start;
    std::optional<SimTime> to;
    bool operator==(const SequenceExpect&) const = default;
};
using ExpectForm = std::variant<CheckExpect, EventuallyExpect, AlwaysExpect, SequenceExpect>;

struct ExpectSpec {
    std::string id;  // without one in the file: expect-1 for the first of the list, and so on
    ExpectForm form;
    ExpectedOutcome outcome = ExpectedOutcome::Holds;
    std::string because;

    bool operator==(const ExpectSpec&) const = default;
};

}  // namespace bsim
