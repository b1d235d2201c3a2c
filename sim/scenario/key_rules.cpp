#include "sim/scenario/key_rules.h"

namespace bsim {
namespace {

using Kind = KeyRule::Kind;

// clang-format off
constexpr KeyRule kRules[] = {
    {Shape::Consumer, Kind::OneOf, "topics assign"},
    {Shape::Consumer, Kind::Apart, "group", "assign"},

    {Shape::Fault, Kind::OneOf, "at after when"},
    {Shape::Fault, Kind::Beside, "delay", "after"},
    {Shape::Fault, Kind::Beside, "hold", "when"},
    {Shape::Fault, Kind::Beside, "jitter", "every"},
    // A kind that has `times` among its parameters gives it a meaning of its own.
    {Shape::Fault, Kind::Beside, "times", "every when"},

    {Shape::Expect, Kind::OneOf, "check always never eventually sequence"},
    {Shape::Expect, Kind::Needs, "eventually", "within"},
    {Shape::Expect, Kind::Needs, "sequence", "is"},
    {Shape::Expect, Kind::Beside, "within", "eventually"},
    {Shape::Expect, Kind::Beside, "is", "sequence"},
    {Shape::Expect, Kind::Beside, "after from", "always never eventually sequence"},
    {Shape::Expect, Kind::Beside, "to", "always never sequence"},
    {Shape::Expect, Kind::Apart, "from", "after"},
};
// clang-format on

}  // namespace

std::span<const KeyRule> all_key_rules() {
    return kRules;
}

}  // namespace bsim
