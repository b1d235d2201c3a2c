#pragma once
// `brokersim trace RUN`: filters a stored trace and shows it as text, JSON lines or CSV.
//
//   text   one line an event: time in seconds, node, kind, attributes as name=value
//   jsonl  the stored lines, unchanged, header included: again a trace
//   csv    i,t,n,k,p,a,c with a header line; `a` is the JSON of the attributes, RFC 4180 quoting
//
// Conditions: `k=LogAppended`, `n=broker-1`, `p=orders-0`, or any attribute; = != < <= > >=;
// several ones joined by `,` or ` and ` must all hold, and of such groups joined by ` or ` one. An
// event that lacks the attribute fails the condition, whatever the operator. Numbers compare as
// integers, everything else as text (arrays as their JSON text without blanks) and by = and !=
// alone.

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/report/state_snapshots.h"
#include "sim/trace/reader.h"
#include "sim/trace/sinks.h"

namespace bsim {

enum class TraceFormat { Text, JsonLines, Csv };
std::optional<TraceFormat> parse_trace_format(std::string_view name);

struct TraceCondition {
    enum class Op { Eq, Ne, Lt, Le, Gt, Ge };
    std::string name;
    Op op = Op::Eq;
    std::string value;

    bool operator==(const TraceCondition&) const = default;
};

// One of the groups must hold, with all of its conditions.
using TraceWhere = std::vector<std::vector<TraceCondition>>;

// [-]digits that fit into 64 bits: what a condition compares as a number.
std::optional<std::int64_t> as_integer(std::string_view text);

// The error names the part that is no condition.
Result<TraceWhere, std::string> parse_where(std::string_view text);

struct TraceQuery {
    std::optional<SimTime> from;  // included
    std::optional<SimTime> to;    // excluded
    TraceWhere where;             // empty: every event
    TraceFormat format = TraceFormat::Text;
    // Where to begin after the header: nothing wanted stands before it. Requires a file.
    std::optional<TracePlace> begin = {};
};

// Reads `in` to its end and writes what matches; the number of events written.
Result<std::uint64_t, TraceError> render_trace(std::istream& in,
                                               const TraceQuery& query,
                                               TextSink& out);

}  // namespace bsim
