#pragma once
// The switches that the format has: fixes and design choices of CATALOGUE.md that a run turns on or
// off. One row each; what the program cannot turn (yet) is refused unless it asks for what Kafka
// 3.9 does anyway.

#include <span>
#include <string_view>
#include <vector>

#include "sim/model/switches.h"

namespace bsim {

struct SwitchRow {
    std::string_view name;
    std::string_view words;    // legal values, separated by single spaces; empty: on or off;
                               // "#": a whole number, at least 0
    std::string_view kafka39;  // what Kafka 3.9 does; empty: no one answer
    // Sets the switch to that word (or 0 and 1 for off and on); null: not built.
    void (*set)(Switches&, std::string_view) = nullptr;
};

std::span<const SwitchRow> all_switches();
const SwitchRow* find_switch(std::string_view name);
bool is_number(const SwitchRow& row);
// The legal values as they are written; of no number.
std::vector<std::string_view> words_of(const SwitchRow& row);

}  // namespace bsim
