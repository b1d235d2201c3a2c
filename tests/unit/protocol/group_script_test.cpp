// Runs tests/text/group/*.txt: paragraphs of comments (#) and commands, a line of four dashes, and
// what the coordinator then did, up to the next empty line. With BSIM_REWRITE=1 in the environment
// the outputs are written anew instead of compared.
//
// Commands, `name=value` arguments in any order; a member id is written CLIENT~N, where N is the
// number of the request that it was made for:
//   config [delay=] [max-size=] [min-session=] [max-session=] [retention=] [check=] [metadata=]
//          [off=member-id,fencing,isr,load]    (times in ms)
//       another broker with these settings, over the same log
//   start [partitions=] | stop | wait ms=
//   elect p= epoch= [buffer=BATCHES] [hold] | loaded p= | resign p= [epoch=]
//   hold-acks | ack [error=] | free-acks
//   join g= c=CLIENT [member=] [instance=] [session=] [rebalance=] [protocols=range:t1+t2,...]
//        [type=] [reason=] [v=]
//   sync g= member= generation= [instance=] [assign=MEMBER:t-0+t-1,...] [protocol=] [v=]
//   heartbeat g= member= generation= [instance=]
//   leave g= [members=] [instances=] [reason=] [v=]
//   commit g= [member=] [generation=] [instance=] offsets=t-0:5,... [metadata=A;B] [retention=]
//          [v=]
//   fetch g= [p=t-0,...] [stable] [v=] | list [states=] [types=] | describe g= | delete g=
//   delete-offsets g= p= | delete-topic p=

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "tests/unit/protocol/command_script.h"
#include "tests/unit/protocol/group_bench.h"

namespace bsim::group {
namespace {

using test::split;

std::pair<std::string, std::string> cut(const std::string& text, char at) {
    const auto found = text.rfind(at);
    if (found == std::string::npos)
        return {text, ""};
    return {text.substr(0, found), text.substr(found + 1)};
}

TopicPartition partition_of(const std::string& text) {
    const auto [topic, index] = cut(text, '-');
    return {topic, PartitionIndex(std::stoi(index))};
}

class Command : private test::Command {
  public:
    using test::Command::Command;
    const std::string& name() const { return verb; }
    bool has(const std::string& name) const { return arguments.contains(name); }
    std::string text(const std::string& name, const std::string& otherwise) const {
        return has(name) ? arguments.at(name) : otherwise;
    }
    std::string text(const std::string& name) const { return text(name, ""); }
    std::int32_t number(const std::string& name, std::int32_t otherwise) const {
        return has(name) ? std::stoi(arguments.at(name)) : otherwise;
    }
    std::int16_t version(std::int32_t otherwise) const {
        return static_cast<std::int16_t>(number("v", otherwise));
    }
    std::string member() const { return GroupBench::expand(text("member")); }
    std::optional<std::string> maybe(const std::string& name) const {
        return has(name) ? std::optional(arguments.at(name)) : std::nullopt;
    }
    std::vector<std::string> list(const std::string& name) const { return split(text(name), ','); }
};

class Script {
  public:
    std::vector<std::string> run(const std::vector<std::string>& commands) {
        for (const std::string& line : commands) {
            const Command command(line);
            const auto at = verbs_.find(command.name());
            if (at == verbs_.end()) {
                ADD_FAILURE() << "unknown command: " << line;
                continue;
            }
            (this->*at->second)(command);
        }
        return bench_.take_lines();
    }

  private:
    using Verb = void (Script::*)(const Command&);

    void config(const Command& c) {
        CoordinatorConfig config;
        config.initial_rebalance_delay_ms = c.number("delay", config.initial_rebalance_delay_ms);
        config.max_size = c.number("max-size", config.max_size);
        config.min_session_timeout_ms = c.number("min-session", config.min_session_timeout_ms);
        config.max_session_timeout_ms = c.number("max-session", config.max_session_timeout_ms);
        config.metadata_max_bytes = c.number("metadata", config.metadata_max_bytes);
        if (c.has("retention"))
            config.retention_ms = c.number("retention", 0);
        if (c.has("check"))
            config.retention_check_interval_ms = c.number("check", 0);
        for (const std::string& off : c.list("off")) {
            config.require_member_id &= off != "member-id";
            config.fence_commits &= off != "fencing";
            config.commits_wait_for_isr &= off != "isr";
            config.load_whole_partition &= off != "load";
        }
        bench_.restart(config);
    }
    void start(const Command& c) { bench_.input(Started{c.number("partitions", 1)}); }
    void stop(const Command&) { bench_.input(Stopped{}); }
    void wait(const Command& c) { bench_.wait(milliseconds(c.number("ms", 0))); }
    void elect(const Command& c) {
        const PartitionIndex p(c.number("p", 0));
        bench_.input(Elected{p, LeaderEpoch(c.number("epoch", 0))});
        if (!c.has("hold") && bench_.coordinator().is_loading(p))
            bench_.read(p, static_cast<std::size_t>(c.number("buffer", 0)));
    }
    void loaded(const Command& c) { bench_.read(PartitionIndex(c.number("p", 0)), 0); }
    void resign(const Command& c) {
        std::optional<LeaderEpoch> epoch;
        if (c.has("epoch"))
            epoch = LeaderEpoch(c.number("epoch", 0));
        bench_.input(Resigned{PartitionIndex(c.number("p", 0)), epoch});
    }
    void hold_acks(const Command&) { bench_.hold_acks(true); }
    void free_acks(const Command&) { bench_.hold_acks(false); }
    void ack(const Command& c) {
        auto error = wire::ErrorCode::None;
        for (std::int16_t i = -1; i < 128; ++i) {
            if (c.has("error") && wire::name(wire::error_code(i)) == c.text("error"))
                error = wire::error_code(i);
        }
        bench_.ack(error);
    }
    void join(const Command& c) {
        wire::JoinGroupRequest request;
        request.group_id = c.text("g");
        request.member_id = c.member();
        request.group_instance_id = c.maybe("instance");
        request.session_timeout_ms = c.number("session", 10'000);
        request.rebalance_timeout_ms = c.number("rebalance", 60'000);
        request.protocol_type = c.text("type", "consumer");
        request.reason = c.maybe("reason");
        for (const std::string& protocol : split(c.text("protocols", "range:orders"), ',')) {
            const auto [name, topics] = cut(protocol, ':');
            Subscription subscription;
            subscription.topics = split(topics, '+');
            request.protocols.push_back({name, encode_subscription(subscription, 1)});
        }
        bench_.request(c.version(9), std::move(request), c.text("c", "c"));
    }
    void sync(const Command& c) {
        wire::SyncGroupRequest request;
        request.group_id = c.text("g");
        request.member_id = c.member();
        request.group_instance_id = c.maybe("instance");
        request.generation_id = c.number("generation", 1);
        request.protocol_type = c.text("type", "consumer");
        request.protocol_name = c.text("protocol", "range");
        for (const std::string& part : c.list("assign")) {
            const auto [member, partitions] = cut(part, ':');
            Assignment assignment;
            for (const std::string& tp : split(partitions, '+'))
                assignment.partitions.push_back(partition_of(tp));
            request.assignments.push_back(
                {GroupBench::expand(member), encode_assignment(assignment, 1)});
        }
        bench_.request(c.version(5), std::move(request), "c");
    }
    void heartbeat(const Command& c) {
        wire::HeartbeatRequest request;
        request.group_id = c.text("g");
        request.member_id = c.member();
        request.group_instance_id = c.maybe("instance");
        request.generation_id = c.number("generation", 1);
        bench_.request(c.version(4), std::move(request), "c");
    }
    void leave(const Command& c) {
        wire::LeaveGroupRequest request;
        request.group_id = c.text("g");
        request.member_id = c.member();
        std::optional<std::string> reason = c.maybe("reason");
        if (reason)
            std::replace(reason->begin(), reason->end(), '_', ' ');
        for (const std::string& member : c.list("members"))
            request.members.push_back({GroupBench::expand(member), std::nullopt, reason});
        for (const std::string& instance : c.list("instances"))
            request.members.push_back({"", instance, reason});
        bench_.request(c.version(5), std::move(request), "c");
    }
    void commit(const Command& c) {
        wire::OffsetCommitRequest request;
        request.group_id = c.text("g");
        request.member_id = c.member();
        request.group_instance_id = c.maybe("instance");
        request.generation_id_or_member_epoch = c.number("generation", -1);
        request.retention_time_ms = c.number("retention", -1);
        const std::vector<std::string> metadata = split(c.text("metadata"), ';');
        for (const std::string& part : c.list("offsets")) {
            const auto [name, offset] = cut(part, ':');
            const TopicPartition tp = partition_of(name);
            auto& topic = request.topics.emplace_back();
            topic.name = tp.topic;
            auto& partition = topic.partitions.emplace_back();
            partition.partition_index = tp.partition.value();
            partition.committed_offset = std::stoll(offset);
            partition.committed_leader_epoch = c.number("leader-epoch", -1);
            const std::size_t nth = std::min(request.topics.size(), metadata.size());
            partition.committed_metadata = nth == 0 ? "" : metadata[nth - 1];
        }
        bench_.request(c.version(8), std::move(request), "c");
    }
    void fetch(const Command& c) {
        wire::OffsetFetchRequest request;
        const std::int16_t version = c.version(8);
        request.require_stable = c.has("stable");
        std::vector<wire::OffsetFetchRequest::OffsetFetchRequestTopics> topics;
        for (const std::string& part : c.list("p"))
            topics.push_back({partition_of(part).topic, {partition_of(part).partition.value()}});
        if (version >= 8) {
            for (const std::string& group : c.list("g")) {
                auto& out = request.groups.emplace_back();
                out.group_id = group;
                out.topics = std::nullopt;
                if (c.has("p"))
                    out.topics = topics;
            }
        } else {
            request.group_id = c.text("g");
            request.topics = std::nullopt;
            if (c.has("p")) {
                request.topics.emplace();
                for (const auto& topic : topics)
                    request.topics->push_back({topic.name, topic.partition_indexes});
            }
        }
        bench_.request(version, std::move(request), "c");
    }
    void list(const Command& c) {
        bench_.request(c.version(5), wire::ListGroupsRequest{c.list("states"), c.list("types")},
                       "c");
    }
    void describe(const Command& c) {
        bench_.request(c.version(5), wire::DescribeGroupsRequest{c.list("g"), false}, "c");
    }
    void remove(const Command& c) {
        bench_.request(c.version(2), wire::DeleteGroupsRequest{c.list("g")}, "c");
    }
    void delete_offsets(const Command& c) {
        wire::OffsetDeleteRequest request;
        request.group_id = c.text("g");
        for (const std::string& part : c.list("p")) {
            const TopicPartition tp = partition_of(part);
            request.topics.push_back({tp.topic, {{tp.partition.value()}}});
        }
        bench_.request(0, std::move(request), "c");
    }
    void delete_topic(const Command& c) {
        PartitionsDeleted deleted;
        for (const std::string& part : c.list("p"))
            deleted.partitions.push_back(partition_of(part));
        bench_.input(std::move(deleted));
    }

    GroupBench bench_{CoordinatorConfig{}};
    const std::map<std::string, Verb> verbs_{{"config", &Script::config},
                                             {"start", &Script::start},
                                             {"stop", &Script::stop},
                                             {"wait", &Script::wait},
                                             {"elect", &Script::elect},
                                             {"loaded", &Script::loaded},
                                             {"resign", &Script::resign},
                                             {"hold-acks", &Script::hold_acks},
                                             {"free-acks", &Script::free_acks},
                                             {"ack", &Script::ack},
                                             {"join", &Script::join},
                                             {"sync", &Script::sync},
                                             {"heartbeat", &Script::heartbeat},
                                             {"leave", &Script::leave},
                                             {"commit", &Script::commit},
                                             {"fetch", &Script::fetch},
                                             {"list", &Script::list},
                                             {"describe", &Script::describe},
                                             {"delete", &Script::remove},
                                             {"delete-offsets", &Script::delete_offsets},
                                             {"delete-topic", &Script::delete_topic}};
};

class GroupScript : public testing::TestWithParam<std::string> {};

TEST_P(GroupScript, SaysWhatIsWritten) {
    Script script;
    test::run_script("group", GetParam(), [&](const std::vector<std::string>& commands) {
        return script.run(commands);
    });
}

INSTANTIATE_TEST_SUITE_P(Text,
                         GroupScript,
                         testing::ValuesIn(test::scripts_in("group")),
                         test::script_test_name);

}  // namespace
}  // namespace bsim::group
