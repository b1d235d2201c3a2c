#include "sim/report/trace_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <fmt/format.h>
#include <span>

#include <nlohmann/json.hpp>

namespace bsim {

namespace {

using Json = nlohmann::ordered_json;
using Op = TraceCondition::Op;

struct OpText {
    std::string_view text;
    Op op;
};
// Longer ones first, so that "<=" is not read as "<".
constexpr std::array<OpText, 7> kOps = {{{"<=", Op::Le},
                                         {">=", Op::Ge},
                                         {"!=", Op::Ne},
                                         {"==", Op::Eq},
                                         {"=", Op::Eq},
                                         {"<", Op::Lt},
                                         {">", Op::Gt}}};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

// What a separator at the very beginning of `text` is long, or 0.
std::size_t separator(std::string_view text, std::span<const std::string_view> separators) {
    for (const std::string_view one : separators) {
        if (text.starts_with(one))
            return one.size();
    }
    return 0;
}

// What stands inside of an array belongs together.
std::vector<std::string_view> split(std::string_view text,
                                    std::span<const std::string_view> separators) {
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    int depth = 0;
    for (std::size_t at = 0; at < text.size();) {
        depth += text[at] == '[' ? 1 : text[at] == ']' ? -1 : 0;
        const std::size_t skip = depth > 0 ? 0 : separator(text.substr(at), separators);
        if (skip > 0) {
            parts.push_back(trimmed(text.substr(from, at - from)));
            from = at + skip;
        }
        at += std::max<std::size_t>(skip, 1);
    }
    parts.push_back(trimmed(text.substr(from)));
    return parts;
}

std::optional<TraceCondition> parse_condition(std::string_view part) {
    const std::size_t at = part.find_first_of("<>=!");
    if (at == std::string_view::npos || at == 0)
        return std::nullopt;
    const std::string_view rest = part.substr(at);
    for (const OpText& candidate : kOps) {
        if (!rest.starts_with(candidate.text))
            continue;
        const std::string_view value = trimmed(rest.substr(candidate.text.size()));
        // "k=A n=B" lacks its "and".
        if (value.find_first_of("<>=!") != std::string_view::npos)
            return std::nullopt;
        return TraceCondition{std::string(trimmed(part.substr(0, at))), candidate.op,
                              std::string(value)};
    }
    return std::nullopt;
}

bool holds(Op op, std::strong_ordering order) {
    switch (op) {
        case Op::Eq:
            return order == 0;
        case Op::Ne:
            return order != 0;
        case Op::Lt:
            return order < 0;
        case Op::Le:
            return order <= 0;
        case Op::Gt:
            return order > 0;
        case Op::Ge:
            return order >= 0;
    }
    return false;
}

std::string as_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

bool matches(const TraceCondition& condition, const Json& event) {
    const bool head = condition.name == "k" || condition.name == "n" || condition.name == "i" ||
                      condition.name == "t";
    const Json& holder = head ? event : event["a"];
    const auto found = holder.find(condition.name);
    if (found == holder.end())
        return false;
    if (found->is_number_integer()) {
        const auto wanted = as_integer(condition.value);
        if (wanted)
            return holds(condition.op, found->get<std::int64_t>() <=> *wanted);
    }
    if (condition.op != Op::Eq && condition.op != Op::Ne)
        return false;
    return (as_text(*found) == condition.value) == (condition.op == Op::Eq);
}

// Seconds with all nine decimals: "27.511207000".
std::string seconds_text(std::int64_t ns) {
    return fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
}

std::string text_line(const Json& event) {
    std::string line =
        fmt::format("{:>14}s  {:<16} {:<18}", seconds_text(event["t"].get<std::int64_t>()),
                    as_text(event["n"]), as_text(event["k"]));
    for (const auto& [name, value] : event["a"].items()) {
        line += fmt::format(" {}={}", name, as_text(value));
    }
    while (line.back() == ' ')
        line.pop_back();
    line += '\n';
    return line;
}

// RFC 4180: quoted if it holds a comma, a quote or a line break; quotes doubled.
std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string field = "\"";
    for (const char c : text) {
        if (c == '"')
            field += '"';
        field += c;
    }
    return field + '"';
}

std::string csv_line(const Json& event) {
    const Json& attributes = event["a"];
    const auto p = attributes.find("p");
    return fmt::format("{},{},{},{},{},{},{}\n", event["i"].dump(), event["t"].dump(),
                       csv_field(as_text(event["n"])), csv_field(as_text(event["k"])),
                       p == attributes.end() ? "" : csv_field(as_text(*p)),
                       csv_field(attributes.dump()),
                       csv_field(event.contains("c") ? event["c"].dump() : "[]"));
}

bool is_event(const Json& event) {
    return event.is_object() && event.contains("i") && event.contains("t") &&
           event["t"].is_number_integer() && event.contains("n") && event.contains("k") &&
           event.contains("a") && event["a"].is_object();
}

bool wanted(const TraceQuery& query, const Json& event) {
    const SimTime t(event["t"].get<std::int64_t>());
    if (query.from && t < *query.from)
        return false;
    if (query.to && t >= *query.to)
        return false;
    const auto all_of = [&](const std::vector<TraceCondition>& group) {
        return std::all_of(group.begin(), group.end(),
                           [&](const TraceCondition& c) { return matches(c, event); });
    };
    return query.where.empty() || std::any_of(query.where.begin(), query.where.end(), all_of);
}

}  // namespace

std::optional<std::int64_t> as_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<TraceFormat> parse_trace_format(std::string_view name) {
    if (name == "text")
        return TraceFormat::Text;
    if (name == "jsonl")
        return TraceFormat::JsonLines;
    if (name == "csv")
        return TraceFormat::Csv;
    return std::nullopt;
}

Result<TraceWhere, std::string> parse_where(std::string_view text) {
    static constexpr std::string_view kOr[] = {" or "};
    static constexpr std::string_view kAnd[] = {",", " and "};
    TraceWhere groups;
    for (const std::string_view group : split(text, kOr)) {
        auto& conditions = groups.emplace_back();
        for (const std::string_view part : split(group, kAnd)) {
            auto condition = parse_condition(part);
            if (!condition) {
                return Err{
                    fmt::format("\"{}\" is no condition; expected NAME=VALUE, such as "
                                "k=LogAppended, n=broker-1, p=orders-0 or epoch>=3",
                                part)};
            }
            conditions.push_back(std::move(*condition));
        }
    }
    return groups;
}

Result<std::uint64_t, TraceError> render_trace(std::istream& in,
                                               const TraceQuery& query,
                                               TextSink& out) {
    TraceReader reader(in, Attributes::Required);
    BSIM_TRY(const TraceHeader header, reader.header());
    if (query.format == TraceFormat::JsonLines)
        out.write(header_line(header) + '\n');
    if (query.format == TraceFormat::Csv)
        out.write("i,t,n,k,p,a,c\n");
    std::uint64_t written = 0;
    std::uint64_t number = reader.line();
    if (query.begin) {
        in.seekg(static_cast<std::streamoff>(query.begin->bytes));
        number = query.begin->lines;
    }
    // Reads lines itself from here on, so that kinds of newer programs pass through.
    for (std::string line; std::getline(in, line);) {
        ++number;
        const Json event = Json::parse(line, nullptr, false);
        if (!is_event(event))
            return Err{TraceError{number, "not an event"}};
        if (!wanted(query, event))
            continue;
        ++written;
        switch (query.format) {
            case TraceFormat::Text:
                out.write(text_line(event));
                break;
            case TraceFormat::JsonLines:
                out.write(line + '\n');
                break;
            case TraceFormat::Csv:
                out.write(csv_line(event));
                break;
        }
    }
    return written;
}

}  // namespace bsim
