#include "tests/unit/protocol/group_bench.h"

#include <cstdio>

#include "sim/base/overloaded.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "sim/wire/record_batch.h"
#include "sim/wire/record_reader.h"

namespace bsim::group {
namespace {

std::string error_name(std::int16_t error) {
    return error == 0 ? "ok" : std::string(wire::name(wire::error_code(error)));
}

std::string join_texts(const std::vector<std::string>& parts, const char* between) {
    std::string out;
    for (const std::string& part : parts)
        out += (out.empty() ? "" : between) + part;
    return out;
}

std::string partitions_text(std::vector<TopicPartition> partitions) {
    std::vector<std::string> parts;
    for (const TopicPartition& tp : partitions)
        parts.push_back(tp.to_string());
    return "[" + join_texts(parts, " ") + "]";
}

std::string assignment_text(const Bytes& bytes) {
    if (bytes.empty())
        return "[]";
    const auto decoded = decode_assignment(bytes);
    return decoded ? partitions_text(decoded->partitions) : "unreadable";
}

std::string describe(const wire::JoinGroupResponse& r) {
    std::string out = "join " + error_name(r.error_code);
    if (!r.member_id.empty())
        out += " member=" + r.member_id;
    if (r.generation_id < 0)
        return out;
    out += " generation=" + std::to_string(r.generation_id) +
           " protocol=" + r.protocol_name.value_or("none") + " leader=" + r.leader;
    std::vector<std::string> members;
    for (const auto& m : r.members) {
        members.push_back(m.member_id +
                          (m.group_instance_id ? "(" + *m.group_instance_id + ")" : ""));
    }
    if (!members.empty())
        out += " members=[" + join_texts(members, " ") + "]";
    return out + (r.skip_assignment ? " skip-assignment" : "");
}

std::string describe(const wire::SyncGroupResponse& r) {
    return "sync " + error_name(r.error_code) +
           (r.error_code == 0 ? " " + assignment_text(r.assignment) : "");
}

std::string describe(const wire::HeartbeatResponse& r) {
    return "heartbeat " + error_name(r.error_code);
}

std::string describe(const wire::LeaveGroupResponse& r) {
    std::string out = "leave " + error_name(r.error_code);
    for (const auto& m : r.members)
        out += " " + m.group_instance_id.value_or(m.member_id) + ":" + error_name(m.error_code);
    return out;
}

template <class Response>
std::string by_partition(const Response& r) {
    std::string out;
    for (const auto& topic : r.topics) {
        for (const auto& p : topic.partitions)
            out += " " + topic.name + "-" + std::to_string(p.partition_index) + ":" +
                   error_name(p.error_code);
    }
    return out;
}

std::string describe(const wire::OffsetCommitResponse& r) {
    return "commit" + by_partition(r);
}

std::string describe(const wire::OffsetDeleteResponse& r) {
    return "delete-offsets " + error_name(r.error_code) + by_partition(r);
}

template <class Topics>
std::string offsets_text(const Topics& topics) {
    std::string out;
    for (const auto& topic : topics) {
        for (const auto& p : topic.partitions) {
            out +=
                " " + topic.name + "-" + std::to_string(p.partition_index) + "=" +
                (p.error_code == 0 ? std::to_string(p.committed_offset) : error_name(p.error_code));
            if (p.committed_leader_epoch >= 0)
                out += "@" + std::to_string(p.committed_leader_epoch);
            if (p.metadata && !p.metadata->empty())
                out += "(" + *p.metadata + ")";
        }
    }
    return out;
}

std::string describe(const wire::OffsetFetchResponse& r) {
    std::string out = "fetch";
    if (r.groups.empty())
        return out + " " + error_name(r.error_code) + offsets_text(r.topics);
    for (const auto& group : r.groups)
        out +=
            " " + group.group_id + " " + error_name(group.error_code) + offsets_text(group.topics);
    return out;
}

std::string describe(const wire::ListGroupsResponse& r) {
    std::string out = "list " + error_name(r.error_code);
    for (const auto& group : r.groups)
        out += " " + group.group_id + ":" + group.group_state + ":" + group.protocol_type + ":" +
               group.group_type;
    return out;
}

std::string describe(const wire::DescribeGroupsResponse& r) {
    std::string out = "describe";
    for (const auto& group : r.groups) {
        out += " " + group.group_id + " " + error_name(group.error_code) +
               " state=" + group.group_state + " type=" + group.protocol_type +
               " protocol=" + group.protocol_data;
        for (const auto& m : group.members)
            out += " " + m.member_id + " " + m.client_id + " " + m.client_host + " " +
                   assignment_text(m.member_assignment);
    }
    return out;
}

std::string describe(const wire::DeleteGroupsResponse& r) {
    std::string out = "delete-groups";
    for (const auto& group : r.results)
        out += " " + group.group_id + ":" + error_name(group.error_code);
    return out;
}

std::string describe_value(const RecordKey& key, const std::optional<ByteView>& value) {
    return std::visit(Overloaded{
                          [&](const OffsetKey& k) {
                              const std::string what =
                                  "offset " + k.group + " " + k.partition.to_string();
                              if (!value)
                                  return what + " tombstone";
                              const auto read = decode_offset_value(*value);
                              return what + "=" + std::to_string(read->offset.value()) +
                                     (read->expires_at ? " expires" : "");
                          },
                          [&](const GroupKey& k) {
                              if (!value)
                                  return "group " + k.group + " tombstone";
                              const auto read = decode_group_value(*value)->value;
                              std::string out = "group " + k.group +
                                                " generation=" + std::to_string(read.generation) +
                                                " protocol=" + read.protocol.value_or("none") +
                                                " leader=" + read.leader.value_or("none");
                              for (const auto& m : read.members)
                                  out += " " + m.member_id + assignment_text(m.assignment);
                              return out;
                          },
                          [](const auto&) { return std::string("unknown"); },
                      },
                      key);
}

constexpr std::string_view kUuidStart = "-00000000-0000-0000-0000-";

}  // namespace

std::string GroupBench::shorten(const std::string& text) {
    std::string out;
    std::size_t from = 0;
    for (std::size_t at = text.find(kUuidStart); at != std::string::npos;
         at = text.find(kUuidStart, from)) {
        const std::string hex = text.substr(at + kUuidStart.size(), 12);
        out += text.substr(from, at - from) + "~" + std::to_string(std::stoul(hex, nullptr, 16));
        from = at + kUuidStart.size() + 12;
    }
    return out + text.substr(from);
}

std::string GroupBench::expand(const std::string& text) {
    const auto at = text.find('~');
    if (at == std::string::npos)
        return text;
    char digits[13];
    std::snprintf(digits, sizeof digits, "%012lx", std::stoul(text.substr(at + 1)));
    return text.substr(0, at) + std::string(kUuidStart) + digits;
}

void GroupBench::say(const std::string& what) {
    lines_.push_back("t=" + std::to_string(now_.ns() / 1'000'000) + " " + shorten(what));
}

std::vector<std::string> GroupBench::take_lines() {
    return std::exchange(lines_, {});
}

void GroupBench::restart(const CoordinatorConfig& config) {
    coordinator_ = GroupCoordinator(config);
    timer_.reset();
}

void GroupBench::input(CoordinatorInput in) {
    effects_.clear();
    coordinator_.step({now_, wall()}, std::move(in), effects_);
    const CoordinatorEffects effects = effects_;
    for (const CoordinatorEffect& effect : effects)
        std::visit([this](const auto& e) { run_effect(e); }, effect);
    while (!done_.empty()) {
        const AppendFinished done = done_.front();
        done_.pop_front();
        input(done);
    }
}

std::uint64_t GroupBench::request(std::int16_t version,
                                  GroupRequest body,
                                  const std::string& client) {
    const std::uint64_t number = next_request_++;
    input(RequestArrived{
        {RequestToken(number), version}, client, "/10.0.0.1", Uuid{0, number}, std::move(body)});
    return number;
}

void GroupBench::wait(SimDuration span) {
    const SimTime until = now_ + span;
    while (timer_ && *timer_ <= until) {
        now_ = std::max(now_, *timer_);
        timer_.reset();
        input(TimerFired{});
    }
    now_ = until;
}

void GroupBench::read(PartitionIndex partition, std::size_t batches_at_once) {
    const auto& batches = logs_[partition];
    std::vector<std::uint8_t> buffer;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        const ByteView batch = batches[i].view();
        buffer.insert(buffer.end(), batch.begin(), batch.end());
        if (i + 1 < batches.size() && (batches_at_once == 0 || (i + 1) % batches_at_once != 0))
            continue;
        input(PartitionRead{partition, buffer});
        buffer.clear();
    }
    input(ReadFinished{partition});
}

void GroupBench::ack(wire::ErrorCode error) {
    const Held held = std::move(held_.front());
    held_.pop_front();
    input(AppendFinished{held.append.token, error, held.at});
}

Offset GroupBench::store(PartitionIndex partition, const SharedBytes& batch) {
    std::vector<std::uint8_t> bytes(batch.view().begin(), batch.view().end());
    Offset& end = ends_[partition];
    const Offset at = end;
    wire::stamp(bytes, {at.value(), 0});
    end = end + wire::parse_batch_header(bytes)->records_count;
    logs_[partition].push_back(SharedBytes(std::move(bytes)));
    return at;
}

void GroupBench::say_batch(const std::string& what,
                           PartitionIndex partition,
                           const SharedBytes& batch) {
    const auto view = wire::parse_valid_batch(batch.view());
    const auto read = wire::for_each_record(*view, [&](const wire::RecordView& record) {
        say(what + " " + std::to_string(partition.value()) + " " +
            describe_value(decode_key(*record.key), record.value));
    });
    static_cast<void>(read);
}

void GroupBench::run_effect(const Reply& effect) {
    say("answer " + std::to_string(effect.token.value()) + " " +
        std::visit([](const auto& r) { return describe(r); }, effect.body));
    answered_twice_ += answers_.contains(effect.token.value()) ? 1 : 0;
    answers_.insert_or_assign(effect.token.value(), effect.body);
}

void GroupBench::run_effect(const Append& effect) {
    say_batch(effect.acks == -1 ? "append" : "append acks=" + std::to_string(effect.acks),
              effect.partition, effect.batch);
    const Offset at = store(effect.partition, effect.batch);
    if (hold_acks_) {
        held_.push_back({effect, at});
    } else {
        done_.push_back({effect.token, wire::ErrorCode::None, at});
    }
}

void GroupBench::run_effect(const AppendTombstones& effect) {
    say_batch("tombstone", effect.partition, effect.batch);
    store(effect.partition, effect.batch);
}

void GroupBench::run_effect(const ReadPartition& effect) {
    say("read " + std::to_string(effect.partition.value()));
}

void GroupBench::run_effect(const ArmTimer& effect) {
    timer_ = effect.at;
}

void GroupBench::run_effect(const StateChanged& effect) {
    say("group " + effect.group + " " + std::string(name(effect.from)) + " -> " +
        std::string(name(effect.to)) + " generation=" + std::to_string(effect.generation.value()));
}

void GroupBench::run_effect(const MemberAdmitted& effect) {
    say("group " + effect.group + " admits " + effect.member +
        (effect.instance.empty() ? "" : " as " + effect.instance));
}

void GroupBench::run_effect(const MemberRemoved& effect) {
    say("group " + effect.group + " loses " + effect.member + ": " + std::string(name(effect.why)));
}

void GroupBench::run_effect(const RebalanceBegan& effect) {
    say("group " + effect.group + " rebalances: " + effect.why);
}

void GroupBench::run_effect(const RebalanceEnded& effect) {
    std::string out = "group " + effect.group + " assigned";
    for (const auto& [client, partitions] : effect.assignment)
        out += " " + client + partitions_text(partitions);
    say(out);
}

void GroupBench::run_effect(const OffsetInForce& effect) {
    say("offset " + effect.group + " " + effect.partition.to_string() + "=" +
        std::to_string(effect.offset.value()) + " in force");
}

void GroupBench::run_effect(const OffsetGone& effect) {
    say("offset " + effect.group + " " + effect.partition.to_string() +
        " gone: " + std::string(name(effect.why)));
}

void GroupBench::run_effect(const GroupHandedOver& effect) {
    say("group " + effect.group + (effect.loaded ? " loaded " : " given up ") +
        std::string(name(effect.state)) +
        " generation=" + std::to_string(effect.generation.value()));
}

}  // namespace bsim::group
