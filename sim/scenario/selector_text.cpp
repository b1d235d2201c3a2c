#include "sim/scenario/selector_text.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr int kDepthMax = 64;
constexpr std::int64_t kCountMax = 1'000'000;

enum class Form { Word, Colon, Call };

struct Known {
    std::string_view name;
    Form form;
    bool built;
};
constexpr Known kKnown[] = {
    {"broker", Form::Colon, true},     {"controller", Form::Word, true},
    {"controller", Form::Colon, true}, {"leader", Form::Call, true},
    {"brokers", Form::Word, true},     {"controllers", Form::Word, true},
    {"zookeepers", Form::Word, false}, {"zk-leader", Form::Word, false},
    {"clients", Form::Word, true},     {"zk", Form::Colon, false},
    {"rack", Form::Colon, true},       {"group", Form::Colon, true},
    {"producer", Form::Colon, true},   {"consumer", Form::Colon, true},
    {"follower", Form::Call, true},    {"isr", Form::Call, true},
    {"coordinator", Form::Call, true}, {"random", Form::Call, true},
};

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool has_form(std::string_view name, Form form) {
    return std::any_of(std::begin(kKnown), std::end(kKnown), [&](const Known& known) {
        return known.name == name && known.form == form;
    });
}

// The selector of that name with that argument, in the form that it has; empty if it has none.
std::string in_its_form(std::string_view name, std::string_view argument) {
    const bool number = node_id_of(argument).has_value();
    const bool nodes = name == "broker" || name == "controller" || name == "zk";
    if (argument.empty()) {
        return has_form(name, Form::Word) ? std::string(name) : std::string();
    }
    if (has_form(name, Form::Colon)) {
        return !nodes || number ? fmt::format("{}:{}", name, argument) : std::string();
    }
    if (has_form(name, Form::Word)) {
        return number ? fmt::format("random({}, {})", name, argument) : std::string();
    }
    if (name == "coordinator") {
        const bool group = argument.starts_with("group:");
        return group || argument.find(':') == std::string_view::npos
                   ? fmt::format("coordinator({}{})", group ? "" : "group:", argument)
                   : std::string();
    }
    const bool second = name == "follower" && argument.find(',') == std::string_view::npos;
    return fmt::format("{}({}{})", name, argument, second ? ", 1" : "");
}

// What "broker-1", "broker 1", "brokers()", "leader orders-0" and the like mean; empty for others.
std::string selector_meant(std::string_view text) {
    if (text.starts_with('(') && text.ends_with(')')) {
        return std::string(text.substr(1, text.size() - 2));
    }
    if (text.starts_with('!')) {
        return fmt::format("not {}", text.substr(1));
    }
    const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
    const auto length = static_cast<std::size_t>(end - text.begin());
    std::string_view rest = text.substr(length);
    if (text.substr(0, length) == "not" && rest.starts_with('(') && rest.ends_with(')')) {
        return fmt::format("not {}", rest.substr(1, rest.size() - 2));
    }
    std::vector<std::string_view> names;
    for (const Known& known : kKnown) {
        names.push_back(known.name);
    }
    const std::string_view word = text.substr(0, length);
    const bool exact = std::find(names.begin(), names.end(), word) != names.end();
    const auto name = exact ? std::optional(word) : nearest(word, names);
    if (!name || rest.empty()) {
        return {};
    }
    if (rest.starts_with('(') && rest.ends_with(')')) {
        rest.remove_suffix(1);
    }
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t-_=:("), rest.size()));
    return in_its_form(*name, rest);
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

class SelectorParser {
  public:
    explicit SelectorParser(std::string_view text) : text_(text) {}

    Result<SelectorText, SelectorError> parse();

  private:
    using Parsed = std::optional<Selector>;

    Parsed selector(TextPart part, int depth);
    Parsed word(std::string_view head) const;
    Parsed colon(TextPart part, std::string_view head);
    Parsed call(TextPart part, std::string_view head, int depth);
    Parsed partition_call(TextPart argument, std::string_view head);
    Parsed follower(TextPart part, const std::vector<TextPart>& arguments);
    Parsed coordinator(TextPart part, const std::vector<TextPart>& arguments);
    Parsed random(TextPart part, const std::vector<TextPart>& arguments, int depth);
    Parsed not_known(TextPart part, std::string_view head, Form form);

    std::string_view at(TextPart part) const { return text_.substr(part.from, part.length); }
    TextPart trimmed(TextPart part) const;
    // The arguments between the brackets; nullopt (and the error) without a closing one.
    std::optional<std::vector<TextPart>> arguments(TextPart part, std::size_t open);
    std::optional<std::int32_t> number(TextPart part, std::string_view what);
    std::optional<TopicPartition> partition(TextPart part, SelectorNames& names);
    std::nullopt_t fail(TextPart part, std::string message);

    std::string_view text_;
    std::vector<SelectorNames> names_;
    std::optional<SelectorError> error_;
};

std::nullopt_t SelectorParser::fail(TextPart part, std::string message) {
    error_ = SelectorError{false, part, std::move(message)};
    return std::nullopt;
}

TextPart SelectorParser::trimmed(TextPart part) const {
    while (part.length > 0 && is_blank(text_[part.from])) {
        ++part.from;
        --part.length;
    }
    while (part.length > 0 && is_blank(text_[part.from + part.length - 1])) {
        --part.length;
    }
    return part;
}

SelectorParser::Parsed SelectorParser::not_known(TextPart part, std::string_view head, Form form) {
    const std::string_view text = at(part);
    std::string better = selector_meant(text);
    const auto other = std::find_if(std::begin(kKnown), std::end(kKnown),
                                    [&](const Known& known) { return known.name == head; });
    if (other != std::end(kKnown) && better.empty()) {
        return fail(part, fmt::format("\"{}\" is no selector; \"{}\" must begin with \"{}\"", text,
                                      head, written(*other)));
    }
    std::vector<std::string_view> candidates;
    for (const Known& known : kKnown) {
        if (known.form == form) {
            candidates.push_back(known.name);
        }
    }
    fail(part, fmt::format("unknown selector \"{}\"", text));
    if (const auto name = nearest(head, candidates); name && better.empty()) {
        better = std::string(*name) + std::string(text.substr(head.size()));
    }
    error_->suggestion = std::move(better);
    error_->wanted = SelectorError::Wanted::Selector;
    return std::nullopt;
}

SelectorParser::Parsed SelectorParser::selector(TextPart part, int depth) {
    part = trimmed(part);
    const std::string_view text = at(part);
    if (depth > kDepthMax) {
        return fail(part, fmt::format("selectors are nested deeper than {} levels", kDepthMax));
    }
    if (text.starts_with("not ") || text.starts_with("not\t")) {
        auto inner = selector({part.from + 4, part.length - 4}, depth + 1);
        return inner ? Parsed(NotSelector{std::move(*inner)}) : std::nullopt;
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
        return not_known(part, head, form);
    }
    if (!known->built) {
        fail(part,
             fmt::format("selector \"{}\" is part of the scenario format but not built yet", text));
        error_->not_built = true;
        return std::nullopt;
    }
    if (form == Form::Word) {
        names_.emplace_back();
        return word(head);
    }
    return form == Form::Colon ? colon(part, head) : call(part, head, depth);
}

SelectorParser::Parsed SelectorParser::word(std::string_view head) const {
    if (head == "brokers") {
        return AllBrokersSelector{};
    }
    if (head == "controllers") {
        return AllControllersSelector{};
    }
    if (head == "clients") {
        return ClientsSelector{};
    }
    return ActiveControllerSelector{};
}

SelectorParser::Parsed SelectorParser::colon(TextPart part, std::string_view head) {
    const TextPart name{part.from + head.size() + 1, part.length - head.size() - 1};
    names_.push_back({name, {}, {}});
    if (head == "rack") {
        return name.length > 0 ? Parsed(RackSelector{std::string(at(name))})
                               : fail(part, "\"rack:\" lacks the name of a rack");
    }
    if (head == "group") {
        return GroupSelector{std::string(at(name))};
    }
    if (head == "producer" || head == "consumer") {
        const auto role =
            head == "producer" ? ClientSelector::Role::Producer : ClientSelector::Role::Consumer;
        return ClientSelector{role, std::string(at(name)), std::nullopt};
    }
    const auto id = node_id_of(at(name));
    if (!id) {
        return fail(name, fmt::format("\"{}\" is no node id", at(name)));
    }
    return head == "controller" ? Parsed(ControllerSelector{*id}) : Parsed(BrokerSelector{*id});
}

std::optional<std::vector<TextPart>> SelectorParser::arguments(TextPart part, std::size_t open) {
    if (!at(part).ends_with(')')) {
        fail(part, fmt::format("\"{}\" lacks its \")\"", at(part)));
        error_->suggestion = fmt::format("{})", at(part));
        return std::nullopt;
    }
    std::vector<TextPart> out;
    const std::size_t end = part.from + part.length - 1;
    std::size_t from = part.from + open + 1;
    int depth = 0;
    for (std::size_t i = from; i <= end; ++i) {
        const char c = text_[i];
        if (i == end || (c == ',' && depth == 0)) {
            out.push_back(trimmed({from, i - from}));
            from = i + 1;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')' && --depth < 0) {
            return fail({i, 1}, "there is a \")\" too many");
        }
    }
    return out;
}

std::optional<std::int32_t> SelectorParser::number(TextPart part, std::string_view what) {
    const auto value = node_id_of(at(part));
    if (!value || value->value() < 1 || value->value() > kCountMax) {
        return fail({part.from, std::max<std::size_t>(part.length, 1)},
                    fmt::format("\"{}\" is no {}, from 1", at(part), what));
    }
    return value->value();
}

std::optional<TopicPartition> SelectorParser::partition(TextPart part, SelectorNames& names) {
    auto parsed = parse_partition(at(part), names.name, names.index);
    if (!parsed) {
        fail({part.from, std::max<std::size_t>(part.length, 1)},
             fmt::format("\"{}\" is no partition, such as orders-0", at(part)));
        error_->wanted = SelectorError::Wanted::Partition;
        return std::nullopt;
    }
    names.name.from += part.from;
    names.index.from += part.from;
    return parsed;
}

SelectorParser::Parsed SelectorParser::partition_call(TextPart argument, std::string_view head) {
    SelectorNames names;
    auto parsed = partition(argument, names);
    if (!parsed) {
        return std::nullopt;
    }
    names_.push_back(names);
    return head == "isr" ? Parsed(IsrSelector{std::move(*parsed)})
                         : Parsed(LeaderSelector{std::move(*parsed)});
}

SelectorParser::Parsed SelectorParser::follower(TextPart part,
                                                const std::vector<TextPart>& arguments) {
    if (arguments.size() != 2) {
        fail(part, "follower() takes a partition and a number, such as follower(orders-0, 1)");
        if (arguments.size() == 1 && arguments[0].length > 0) {
            error_->suggestion = in_its_form("follower", at(arguments[0]));
        }
        return std::nullopt;
    }
    SelectorNames names;
    auto parsed = partition(arguments[0], names);
    const auto which = parsed ? number(arguments[1], "number of a follower") : std::nullopt;
    if (!which) {
        return std::nullopt;
    }
    names.count = arguments[1];
    names_.push_back(names);
    return FollowerSelector{std::move(*parsed), *which};
}

SelectorParser::Parsed SelectorParser::coordinator(TextPart part,
                                                   const std::vector<TextPart>& arguments) {
    constexpr std::string_view kPrefix = "group:";
    if (arguments.size() != 1 || !at(arguments[0]).starts_with(kPrefix)) {
        fail(part, "coordinator() takes a group, such as coordinator(group:billing)");
        if (arguments.size() == 1) {
            error_->suggestion = in_its_form("coordinator", at(arguments[0]));
        }
        return std::nullopt;
    }
    const TextPart name{arguments[0].from + kPrefix.size(), arguments[0].length - kPrefix.size()};
    names_.push_back({name, {}, {}});
    return CoordinatorSelector{std::string(at(name))};
}

SelectorParser::Parsed SelectorParser::random(TextPart part,
                                              const std::vector<TextPart>& arguments,
                                              int depth) {
    if (arguments.size() != 2) {
        fail(part, "random() takes a selector and a number, such as random(brokers, 2)");
        if (arguments.size() == 1 && arguments[0].length > 0 && !node_id_of(at(arguments[0]))) {
            error_->suggestion = fmt::format("random({}, 1)", at(arguments[0]));
        }
        return std::nullopt;
    }
    auto inner = selector(arguments[0], depth + 1);
    const auto count = inner ? number(arguments[1], "number of nodes") : std::nullopt;
    return count ? Parsed(RandomSelector{std::move(*inner), *count}) : std::nullopt;
}

SelectorParser::Parsed SelectorParser::call(TextPart part, std::string_view head, int depth) {
    const auto list = arguments(part, head.size());
    if (!list) {
        return std::nullopt;
    }
    if (head == "random") {
        return random(part, *list, depth);
    }
    if (head == "follower") {
        return follower(part, *list);
    }
    if (head == "coordinator") {
        return coordinator(part, *list);
    }
    // One argument: what looks like several is no partition.
    const TextPart all{list->front().from,
                       list->back().from + list->back().length - list->front().from};
    return partition_call(all, head);
}

Result<SelectorText, SelectorError> SelectorParser::parse() {
    auto selector = this->selector({0, text_.size()}, 1);
    if (!selector) {
        return Err{std::move(*error_)};
    }
    return SelectorText{std::move(*selector), std::move(names_)};
}

}  // namespace

Result<SelectorText, SelectorError> parse_selector(std::string_view text) {
    return SelectorParser(text).parse();
}

std::optional<TopicPartition> parse_partition(std::string_view text,
                                              TextPart& topic,
                                              TextPart& index) {
    const std::size_t dash = text.rfind('-');
    const auto number =
        dash == std::string_view::npos ? std::nullopt : node_id_of(text.substr(dash + 1));
    if (!number || dash == 0) {
        return std::nullopt;
    }
    topic = {0, dash};
    index = {dash + 1, text.size() - dash - 1};
    return TopicPartition{std::string(text.substr(0, dash)), PartitionIndex(number->value())};
}

}  // namespace bsim
