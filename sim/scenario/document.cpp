#include "sim/scenario/document.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <tuple>

#include "sim/scenario/nearest.h"
#include "sim/scenario/utf8.h"

namespace bsim {
namespace {

constexpr std::size_t kDiagnosticsMax = 1000;  // of errors, and of warnings
constexpr std::string_view kOverrideName = "--set";
constexpr std::size_t kMessageMax = 600;  // bytes
constexpr std::size_t kSuggestionMax = 100;

// What a user wrote may hold anything: control characters must not reach a terminal, and a message
// is one line of reasonable length.
std::string printable(std::string_view text, std::size_t bytes_max) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = std::max<std::size_t>(utf8_length(text, at), 1);
        if (out.size() + length > bytes_max) {
            return out + "…";
        }
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool control =
            byte < ' ' || byte == 0x7f ||
            (byte == 0xc2 && length == 2 && static_cast<unsigned char>(text[at + 1]) < 0xa0);
        if (control) {
            out += fmt::format("\\u{:04x}",
                               length == 2 ? static_cast<unsigned char>(text[at + 1]) : byte);
        } else {
            out += text.substr(at, length);
        }
        at += length;
    }
    return out;
}

struct Extent {
    std::size_t offset = 0;
    std::size_t length = 1;
};

// The character or escape of a string's token that begins at `at`.
struct Piece {
    std::size_t raw = 1;      // bytes in the token
    std::size_t decoded = 1;  // bytes of the string
};
Piece piece_at(std::string_view token, std::size_t at) {
    if (token[at] != '\\' || at + 1 >= token.size()) {
        return {};
    }
    if (token[at + 1] != 'u') {
        return {2, 1};
    }
    const bool pair = at + 7 < token.size() && token[at + 6] == '\\' &&
                      (token[at + 2] == 'd' || token[at + 2] == 'D') && token[at + 3] >= '8';
    const auto digits = token.substr(at + 2, 4);
    return pair ? Piece{12, 4} : Piece{6, digits < "0080" ? 1U : digits < "0800" ? 2U : 3U};
}

// Where bytes [from, from + length) of a decoded string stand in its token, which may have escapes.
Extent inside_token(std::string_view token, std::size_t from, std::size_t length) {
    std::size_t first = token.size() - 1;
    std::size_t last = token.size() - 1;
    std::size_t decoded = 0;
    for (std::size_t at = 1; at + 1 < token.size() && decoded <= from + length;) {
        const Piece piece = piece_at(token, at);
        if (from >= decoded && from < decoded + piece.decoded) {
            first = at;
        }
        if (from + length >= decoded && from + length < decoded + piece.decoded) {
            last = at;
        }
        at += piece.raw;
        decoded += piece.decoded;
    }
    return {first, std::max<std::size_t>(last - std::min(first, last), 1)};
}

// The index that a step of a JSON pointer names in an array; the size for "-".
std::optional<std::size_t> array_index(const JsonNode& array, std::string_view step) {
    if (step == "-") {
        return array.children.size();
    }
    if (step.empty() || step.size() > 9 || (step.size() > 1 && step[0] == '0')) {
        return std::nullopt;
    }
    std::size_t index = 0;
    for (const char c : step) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    return index <= array.children.size() ? std::optional(index) : std::nullopt;
}

std::string unescape(std::string_view step) {
    std::string out;
    for (std::size_t i = 0; i < step.size(); ++i) {
        const bool escape = step[i] == '~' && i + 1 < step.size();
        if (escape && (step[i + 1] == '0' || step[i + 1] == '1')) {
            out += step[++i] == '0' ? '~' : '/';
        } else {
            out += step[i];
        }
    }
    return out;
}

bool is_object(const JsonNode& node) {
    return node.kind == JsonNode::Kind::Object;
}
bool is_array(const JsonNode& node) {
    return node.kind == JsonNode::Kind::Array;
}

// The existing child that a step leads to.
JsonNode* child_at(JsonNode& parent, const std::string& step) {
    if (is_object(parent)) {
        return parent.find(step);
    }
    if (!is_array(parent)) {
        return nullptr;
    }
    const auto index = array_index(parent, step);
    return index && *index < parent.children.size() ? &parent.children[*index] : nullptr;
}

}  // namespace

Mark at_value(const JsonNode& node) {
    return {&node, Mark::Part::Value, 0, 0};
}
Mark at_key(const JsonNode& node) {
    return {&node, node.key_length > 0 ? Mark::Part::Key : Mark::Part::Value, 0, 0};
}
Mark at_part(const JsonNode& node, std::size_t from, std::size_t length) {
    return {&node, Mark::Part::Inside, from, length};
}

Document::Document(const ScenarioText& input) {
    sources_.reserve(input.overrides.size() + 1);
    sources_.emplace_back(input.file_name, input.text);
    if (input.text.size() > std::numeric_limits<std::uint32_t>::max() ||
        input.overrides.size() > std::numeric_limits<std::uint16_t>::max() - 1U) {
        add_json_error(0, {"E0002", 0, 1, {}, "the text is too large", {}});
        return;
    }
    JsonOptions options;
    options.comments = input.file_name.ends_with(".jsonc");
    JsonParse parse = json_parse(input.text, options);
    for (const JsonError& error : parse.errors) {
        add_json_error(0, error);
    }
    root_ = std::move(parse.root);
    for (const std::string& text : input.overrides) {
        if (root_) {
            apply_override(text);
        }
    }
}

void Document::add(std::size_t source,
                   std::size_t offset,
                   std::size_t length,
                   Diagnostic diagnostic) {
    const bool warning = diagnostic.code.starts_with('W');
    if (++(warning ? warnings_ : errors_) > kDiagnosticsMax) {
        return;
    }
    const SourceText& text = sources_[source];
    const TextPosition at = text.position(offset);
    diagnostic.message = printable(diagnostic.message, kMessageMax);
    diagnostic.expected = printable(diagnostic.expected, kMessageMax);
    diagnostic.pointer = printable(diagnostic.pointer, kMessageMax);
    if (diagnostic.suggestion.size() > kSuggestionMax) {
        diagnostic.suggestion.clear();
    }
    diagnostic.suggestion = printable(diagnostic.suggestion, kSuggestionMax);
    diagnostic.file = text.name();
    diagnostic.line = at.line;
    diagnostic.column = at.column;
    Excerpt excerpt = text.excerpt(offset, length);
    diagnostic.excerpt = std::move(excerpt.text);
    diagnostic.caret_column = excerpt.caret_column;
    diagnostic.caret_length = excerpt.caret_length;
    diagnostic.severity = warning ? Severity::Warning : Severity::Error;
    found_.push_back({source, std::move(diagnostic)});
}

void Document::add_json_error(std::size_t source, const JsonError& error) {
    Diagnostic diagnostic;
    diagnostic.code = error.code;
    diagnostic.pointer = error.pointer;
    diagnostic.message = error.message;
    diagnostic.expected = error.expected;
    add(source, error.offset, error.length, std::move(diagnostic));
}

void Document::report(Remark remark) {
    const JsonNode& node = *remark.mark.node;
    if (remark.code.starts_with('W') && warnings_ >= kDiagnosticsMax) {
        return;
    }
    if (!reported_.emplace(node.source, node.offset, remark.code, remark.message).second) {
        return;
    }
    Extent extent{node.offset, node.length};
    if (remark.mark.part == Mark::Part::Key) {
        extent = {node.key_offset, node.key_length};
    } else if (remark.mark.part == Mark::Part::Inside) {
        const std::string_view token =
            sources_[node.source].text().substr(node.offset, node.length);
        // A value set by an override may stand without quotes.
        extent = token.starts_with('"') && token.size() >= 2
                     ? inside_token(token, remark.mark.from, remark.mark.length)
                     : Extent{remark.mark.from, std::max<std::size_t>(remark.mark.length, 1)};
        extent.offset += node.offset;
    }
    Diagnostic diagnostic;
    diagnostic.code = remark.code;
    diagnostic.pointer = node.pointer();
    diagnostic.message = std::move(remark.message);
    diagnostic.expected = std::move(remark.expected);
    diagnostic.suggestion = std::move(remark.suggestion);
    add(node.source, extent.offset, extent.length, std::move(diagnostic));
    if (errors_ >= kDiagnosticsMax) {
        throw TooManyErrors();
    }
}

std::vector<Diagnostic> Document::take_diagnostics() {
    const auto order = [](const Located& l) {
        const Diagnostic& d = l.diagnostic;
        return std::tie(l.source, d.line, d.column, d.code, d.message);
    };
    std::stable_sort(found_.begin(), found_.end(),
                     [&](const Located& a, const Located& b) { return order(a) < order(b); });
    std::vector<Diagnostic> out;
    for (Located& located : found_) {
        if (out.empty() || out.back() != located.diagnostic) {
            out.push_back(std::move(located.diagnostic));
        }
    }
    found_.clear();
    return out;
}

// `parent` has nothing under the step of the pointer that begins at `at`.
void Document::no_such_place(std::size_t source,
                             std::string_view pointer,
                             std::size_t at,
                             const JsonNode& parent) {
    const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
    const std::string step = unescape(pointer.substr(at + 1, end - at - 1));
    std::vector<std::string_view> keys;
    for (const JsonNode& child : parent.children) {
        keys.push_back(child.key);
    }
    Diagnostic diagnostic;
    diagnostic.code = "E0013";
    diagnostic.pointer = pointer.substr(0, end);
    diagnostic.message = fmt::format("there is no \"{}\" in {}", step,
                                     at == 0 ? "the scenario" : pointer.substr(0, at));
    if (is_object(parent)) {
        diagnostic.expected = keys.empty() ? "a JSON pointer into the scenario" : listed(keys);
        diagnostic.suggestion = std::string(nearest(step, keys).value_or(""));
    } else if (is_array(parent)) {
        diagnostic.expected =
            keys.empty()       ? "- for a first element"
            : keys.size() == 1 ? "0, or - for one more element"
                               : fmt::format("0 to {}, or - for one more element", keys.size() - 1);
    } else {
        diagnostic.expected = fmt::format("the pointer of {} itself, which holds nothing further",
                                          at == 0 ? "the scenario" : pointer.substr(0, at));
    }
    add(source, at, end - at, std::move(diagnostic));
}

// The node that the pointer names, made if only its last step is new; null (and reported)
// otherwise.
JsonNode* Document::place_for(std::size_t source, std::string_view pointer) {
    JsonNode* node = root_.get();
    std::size_t at = 0;
    while (at < pointer.size()) {
        const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
        const std::string step = unescape(pointer.substr(at + 1, end - at - 1));
        JsonNode* child = child_at(*node, step);
        const bool last = end == pointer.size();
        const bool appends = is_array(*node) && array_index(*node, step).has_value();
        if (child == nullptr && last && (is_object(*node) || appends)) {
            child = &node->children.emplace_back();
            if (is_object(*node)) {
                child->key = step;
            }
        }
        if (child == nullptr) {
            no_such_place(source, pointer, at, *node);
            return nullptr;
        }
        node = child;
        at = end;
    }
    return node;
}

void Document::apply_override(const std::string& text) {
    const auto source = sources_.size();
    sources_.emplace_back(kOverrideName, text);
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || text[0] != '/') {
        Diagnostic diagnostic;
        diagnostic.code = "E0012";
        diagnostic.message = fmt::format("\"{}\" is no override", text);
        diagnostic.expected = "PTR=VALUE, such as /duration=30s";
        const bool slash = equals != std::string::npos && equals > 0 && text[0] != '/';
        diagnostic.suggestion = slash ? "/" + text : "";
        add(source, 0, std::max<std::size_t>(text.size(), 1), std::move(diagnostic));
        return;
    }
    JsonOptions options;
    options.source = static_cast<std::uint16_t>(source);
    options.from = equals + 1;
    JsonParse parse = json_parse(text, options);
    const bool duplicate = parse.root != nullptr && !parse.errors.empty();
    const bool bytes = !parse.errors.empty() && (parse.errors.front().code == "E0005" ||
                                                 parse.errors.front().code == "E0006");
    if (duplicate || bytes) {
        for (const JsonError& error : parse.errors) {
            add_json_error(source, error);
        }
        return;
    }
    JsonNode value;
    if (parse.root) {
        value = std::move(*parse.root);
    } else {
        value.kind = JsonNode::Kind::String;
        value.text = text.substr(equals + 1);
        value.source = options.source;
        value.offset = static_cast<std::uint32_t>(equals + 1);
        value.length = static_cast<std::uint32_t>(std::max<std::size_t>(value.text.size(), 1));
    }
    JsonNode* place = place_for(source, std::string_view(text).substr(0, equals));
    if (place == nullptr) {
        return;
    }
    // Everything said about it from now on is said about the override: about its key, where it is a
    // member, which may be called "".
    const bool member = text[equals - 1] == '/' || !place->key.empty();
    value.key = place->key;
    value.key_offset = 0;
    value.key_length = member ? static_cast<std::uint32_t>(equals) : 0;
    *place = std::move(value);
    json_link(*root_);
}

}  // namespace bsim
