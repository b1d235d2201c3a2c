#include "sim/trace/history_reader.h"

#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/model/partition_name.h"

namespace bsim {

namespace {

using Json = nlohmann::json;
using Complaint = std::optional<std::string>;

std::optional<std::int64_t> integer(const Json& json) {
    if (json.is_number_unsigned() &&
        json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
        return std::nullopt;
    }
    return json.is_number_integer() ? std::optional(json.get<std::int64_t>()) : std::nullopt;
}

const Json* member(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

// "orders--1" is partition -1 of "orders": given up before it had one.
std::optional<TopicPartition> partition(const std::string& name) {
    auto p = parse_partition_name(name);
    if (p && p->partition == PartitionIndex(1) && p->topic.size() > 1 && p->topic.ends_with('-')) {
        p->topic.pop_back();
        p->partition = PartitionIndex(-1);
    }
    return p;
}

}  // namespace

struct HistoryReader::Line {
    std::int32_t process = 0;
    OpType type = OpType::Invoke;
    SimTime time;
    std::string f;
    std::string client;
    ClientNote note;
    std::vector<SeenRecord> sent;
    std::vector<SeenRecord> polled;
    std::vector<CommittedPosition> committed;
    std::vector<PositionMove> moved;
    bool tells_moves = false;
    Json json;
    std::deque<std::string> numbers;  // the text of values that are no strings

    // Of `json`, or of what lives as long as this.
    std::string_view text_of(const Json& value) {
        if (value.is_string())
            return value.get_ref<const std::string&>();
        return numbers.emplace_back(value.dump());
    }

    Complaint record(const Json& pair, const TopicPartition& p, std::vector<SeenRecord>& out) {
        if (!pair.is_array() || pair.size() != 2)
            return "a record is [offset, value]";
        SeenRecord record{p, std::nullopt, {}};
        if (!pair[0].is_null()) {
            const auto offset = integer(pair[0]);
            if (!offset || *offset < 0)
                return "an offset is a whole number or null";
            record.offset = Offset(*offset);
        }
        record.value = text_of(pair[1]);
        out.push_back(std::move(record));
        return std::nullopt;
    }

    Complaint send(const Json& op) {
        // A record whose offset is not known may stand alone, as in Jepsen's invocations.
        if (op.size() != 3 || !op[1].is_string())
            return R"(a send is ["send", "topic-0", [offset, value]])";
        const auto p = partition(op[1].get_ref<const std::string&>());
        if (!p)
            return "no partition: " + op[1].dump();
        if (op[2].is_array())
            return record(op[2], *p, sent);
        sent.push_back({*p, std::nullopt, text_of(op[2])});
        return std::nullopt;
    }

    Complaint poll(const Json& op) {
        if (op.size() < 2)
            return std::nullopt;
        if (!op[1].is_object())
            return R"(a poll is ["poll", {"topic-0": [[offset, value], ...]}])";
        for (const auto& [name, records] : op[1].items()) {
            const auto p = partition(name);
            if (!p || !records.is_array())
                return "no list of records of a partition: " + name;
            for (const Json& pair : records) {
                if (auto wrong = record(pair, *p, polled))
                    return wrong;
            }
        }
        return std::nullopt;
    }

    Complaint commit(const Json& op) {
        if (op.size() != 2 || !op[1].is_object())
            return R"(a commit is ["commit", {"topic-0": offset}])";
        for (const auto& [name, number] : op[1].items()) {
            const auto p = partition(name);
            const auto offset = integer(number);
            if (!p || !offset)
                return "no offset of a partition: " + name;
            committed.push_back({*p, Offset(*offset)});
        }
        return std::nullopt;
    }

    Complaint micro_operation(const Json& op) {
        if (!op.is_array() || op.empty() || !op[0].is_string())
            return "a micro-operation is a list that begins with its name";
        const auto& what = op[0].get_ref<const std::string&>();
        if (what == "send")
            return send(op);
        if (what == "poll")
            return poll(op);
        if (what == "commit")
            return commit(op);
        return "unknown micro-operation \"" + what + "\"";
    }

    Complaint moves(const Json& list) {
        tells_moves = true;
        if (!list.is_array())
            return "\"moved\" is a list";
        for (const Json& move : list) {
            const bool pair = move.is_array() && move.size() == 2 && move[0].is_string();
            const auto p = pair ? partition(move[0].get_ref<const std::string&>()) : std::nullopt;
            const auto to = pair ? integer(move[1]) : std::nullopt;
            if (!p || !(to || move[1].is_null()))
                return R"(a move is ["topic-0", offset or null])";
            moved.push_back({*p, to ? std::optional(Offset(*to)) : std::nullopt});
        }
        return std::nullopt;
    }

    Complaint about() {
        const Json* const number = member(json, "process");
        const auto who = number == nullptr ? std::nullopt : integer(*number);
        const Json* const stamp = member(json, "time");
        const auto when = stamp == nullptr ? std::nullopt : integer(*stamp);
        const Json* const kind = member(json, "type");
        const Json* const name = member(json, "f");
        if (!who || *who < 0 || *who > std::numeric_limits<std::int32_t>::max())
            return "no process number";
        if (!when)
            return "no time";
        if (kind == nullptr || name == nullptr || !name->is_string())
            return "no type or no f";
        process = static_cast<std::int32_t>(*who);
        time = SimTime(*when);
        f = name->get<std::string>();
        for (const auto& [text, one] :
             {std::pair{"invoke", OpType::Invoke}, std::pair{"ok", OpType::Ok},
              std::pair{"fail", OpType::Fail}, std::pair{"info", OpType::Info}}) {
            if (kind->is_string() && kind->get_ref<const std::string&>() == text) {
                type = one;
                return notes();
            }
        }
        return "no type: " + kind->dump();
    }

    Complaint notes() {
        if (const Json* const text = member(json, "client"); text != nullptr && text->is_string())
            client = text->get<std::string>();
        if (const Json* const acks = member(json, "acks"); acks != nullptr) {
            const auto value = integer(*acks);
            if (!value || *value < -1 || *value > 1)
                return "acks is -1, 0 or 1";
            note.acks = static_cast<std::int32_t>(*value);
        }
        if (const Json* const begins = member(json, "begins"))
            note.begins = begins->is_boolean() && begins->get<bool>();
        if (const Json* const idempotent = member(json, "idempotent"))
            note.idempotent = !idempotent->is_boolean() || idempotent->get<bool>();
        const Json* const list = member(json, "moved");
        return list == nullptr ? std::nullopt : moves(*list);
    }
};

Result<std::optional<SimTime>, TraceError> HistoryReader::next() {
    while (std::getline(in_, text_)) {
        ++line_;
        Line line;
        const auto read_one = read(line);
        if (!read_one)
            return Err{TraceError{line_, read_one.error()}};
        if (*read_one)
            return std::optional(line.time);
    }
    return std::optional<SimTime>();
}

Result<bool, std::string> HistoryReader::read(Line& line) {
    line.json = Json::parse(text_, nullptr, false);
    if (!line.json.is_object())
        return Err{std::string("not a JSON object")};
    if (auto wrong = line.about())
        return Err{*wrong};
    if (line.f == "assign" || line.f == "subscribe") {
        anew_.insert(line.process);
        if (line.f == "assign") {
            subscribed_.erase(line.process);
        } else {
            subscribed_.insert(line.process);
        }
        return false;
    }
    if (line.f != "send" && line.f != "poll" && line.f != "commit" && line.f != "txn")
        return false;
    const Json* const value = member(line.json, "value");
    if (value == nullptr || !(value->is_array() || value->is_null()))
        return Err{std::string("no list of micro-operations")};
    for (const Json& op : *value) {
        if (auto wrong = line.micro_operation(op))
            return Err{*wrong};
    }
    hand_on(line);
    return true;
}

void HistoryReader::hand_on(const Line& line) {
    ClientNote note = line.note;
    note.client = line.client;
    std::vector<PositionMove> moved = line.moved;
    if (!line.tells_moves && subscribed_.contains(line.process)) {
        for (const SeenRecord& record : line.polled) {
            if (moved.empty() || moved.back().p != record.p)
                moved.push_back({record.p, std::nullopt});
        }
    }
    note.moved = moved;
    if (line.f == "commit")
        return sink_.commit({line.process, line.type, line.time, line.committed});
    if (line.f == "send" || !line.sent.empty())
        sink_.send({line.process, line.type, line.time, line.sent, note});
    if (line.f != "poll" && line.polled.empty())
        return;
    note.begins = note.begins || anew_.erase(line.process) > 0;
    sink_.poll({line.process, line.type, line.time, line.polled, note});
}

}  // namespace bsim
