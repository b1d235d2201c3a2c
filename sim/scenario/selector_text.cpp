#include "sim/scenario/selector_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

enum class Form { Word, Colon, Call };

struct Known {
    std::string_view name;
    Form form;
    bool built;
};
constexpr Known kKnown[] = {
    {"broker", Form::Colon, true},      {"controller", Form::Word, true},
    {"controller", Form::Colon, true},  {"leader", Form::Call, true},
    {"brokers", Form::Word, false},     {"controllers", Form::Word, false},
    {"zookeepers", Form::Word, false},  {"zk-leader", Form::Word, false},
    {"clients", Form::Word, false},     {"zk", Form::Colon, false},
    {"rack", Form::Colon, false},       {"group", Form::Colon, false},
    {"producer", Form::Colon, false},   {"consumer", Form::Colon, false},
    {"follower", Form::Call, false},    {"isr", Form::Call, false},
    {"coordinator", Form::Call, false}, {"random", Form::Call, false},
};

SelectorError error_at(TextPart part, std::string message) {
    return {false, part, std::move(message), {}};
}

SelectorError not_built(std::string_view text) {
    return {true,
            {0, text.size()},
            fmt::format("selector \"{}\" is part of the scenario format but not built yet", text),
            {}};
}

std::string written(const Known& known) {
    switch (known.form) {
        case Form::Word:
            return std::string(known.name);
        case Form::Colon:
            return fmt::format("{}:", known.name);
        case Form::Call:
            return fmt::format("{}(", known.name);
    }
    return {};
}

SelectorError unknown(std::string_view text, std::string_view head, Form form) {
    std::vector<std::string_view> names;
    for (const Known& known : kKnown) {
        if (known.form == form) {
            names.push_back(known.name);
        }
    }
    SelectorError error = error_at({0, text.size()}, fmt::format("unknown selector \"{}\"", text));
    if (const auto name = nearest(head, names)) {
        error.suggestion = std::string(*name) + std::string(text.substr(head.size()));
    }
    return error;
}

Result<SelectorText, SelectorError> node_selector(std::string_view text, std::size_t colon) {
    const TextPart part{colon + 1, text.size() - colon - 1};
    const auto id = node_id_of(text.substr(colon + 1));
    if (!id) {
        return Err{error_at(part, fmt::format("\"{}\" is no node id", text.substr(colon + 1)))};
    }
    if (text.starts_with("controller")) {
        return SelectorText{ControllerSelector{*id}, part, {}, {}};
    }
    return SelectorText{BrokerSelector{*id}, part, {}, {}};
}

Result<SelectorText, SelectorError> leader_selector(std::string_view text, std::size_t open) {
    if (!text.ends_with(')')) {
        return Err{error_at({0, text.size()}, fmt::format("\"{}\" lacks its \")\"", text))};
    }
    std::size_t from = open + 1;
    std::size_t end = text.size() - 1;
    while (from < end && text[from] == ' ') {
        ++from;
    }
    while (end > from && text[end - 1] == ' ') {
        --end;
    }
    const std::string_view name = text.substr(from, end - from);
    const std::size_t dash = name.rfind('-');
    const auto index =
        dash == std::string_view::npos ? std::nullopt : node_id_of(name.substr(dash + 1));
    if (!index || dash == 0) {
        return Err{error_at({from, std::max<std::size_t>(name.size(), 1)},
                            fmt::format("\"{}\" is no partition, such as orders-0", name))};
    }
    LeaderSelector leader{{std::string(name.substr(0, dash)), PartitionIndex(index->value())}};
    return SelectorText{
        std::move(leader), {}, {from, dash}, {from + dash + 1, name.size() - dash - 1}};
}

}  // namespace

Result<SelectorText, SelectorError> parse_selector(std::string_view text) {
    if (text.starts_with("not ")) {
        return Err{not_built(text)};
    }
    const std::size_t mark = std::min(text.find_first_of(":("), text.size());
    const std::string_view head = text.substr(0, mark);
    const Form form = mark == text.size() ? Form::Word
                      : text[mark] == ':' ? Form::Colon
                                          : Form::Call;
    const auto known = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& k) {
        return k.name == head && k.form == form;
    });
    if (known == std::end(kKnown)) {
        const auto other = std::find_if(std::begin(kKnown), std::end(kKnown),
                                        [&](const Known& k) { return k.name == head; });
        if (other == std::end(kKnown)) {
            return Err{unknown(text, head, form)};
        }
        return Err{
            error_at({0, text.size()}, fmt::format("\"{}\" is no selector; \"{}\" must begin "
                                                   "with \"{}\"",
                                                   text, head, written(*other)))};
    }
    if (!known->built) {
        return Err{not_built(text)};
    }
    if (form == Form::Word) {
        return SelectorText{ActiveControllerSelector{}, {}, {}, {}};
    }
    return form == Form::Colon ? node_selector(text, mark) : leader_selector(text, mark);
}

std::string to_string(const Selector& selector) {
    struct Print {
        std::string operator()(const BrokerSelector& s) const {
            return fmt::format("broker:{}", s.id.value());
        }
        std::string operator()(const ControllerSelector& s) const {
            return fmt::format("controller:{}", s.id.value());
        }
        std::string operator()(const ActiveControllerSelector&) const { return "controller"; }
        std::string operator()(const LeaderSelector& s) const {
            return fmt::format("leader({})", s.partition.to_string());
        }
    };
    return std::visit(Print{}, selector);
}

}  // namespace bsim
