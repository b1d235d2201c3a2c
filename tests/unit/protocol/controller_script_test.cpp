// Runs tests/text/controller/*.txt. A script is paragraphs: comments (#), commands, a line of four
// dashes, and what the controller then said, up to the next empty line. With
// BSIM_REWRITE=1 in the environment the outputs are written anew instead of compared.
//
// Commands, `name=value` arguments in any order:
//   config [session-ms=] [idle-ms=] [balance-ms=] [unclean-ms=] [unclean=on] [rf=] [elections=]
//   [batch=]
//       (first paragraph only)
//   active epoch= | resign | lose (resign, and the uncommitted log is gone) | commit [to=]
//   wait ms= | oversleep ms= (the clock moves on, but nobody calls the controller) | show
//   register broker= [process=] [rack=] [dirs=] [cluster=] [features=none]
//   heartbeat broker= [epoch=] [read=] [fence] [shutdown] [offline=]
//   create topic= [partitions=] [rf=] [assign=1,2/2,1] [config=key:value] [check]
//   grow topic= to= [assign=]
//   delete topic= | producer-ids broker= [epoch=] | unregister broker=
//   alter p= isr= [from=] [broker-epoch=] [leader-epoch=] [partition-epoch=] [member-epoch=]
//       [recovering]
//   elect kind=preferred|unclean [p=] | reassign p= to= | cancel p=
// Defaults: broker and epochs as the controller's present state has them, read = all of the log.

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/protocol/command_script.h"
#include "tests/unit/protocol/controller_bench.h"

namespace bsim::controller {
namespace {

using test::split;

std::vector<std::int32_t> numbers(const std::string& text) {
    std::vector<std::int32_t> out;
    for (const std::string& part : split(text, ','))
        out.push_back(std::stoi(part));
    return out;
}

class Command : private test::Command {
  public:
    using test::Command::Command;
    const std::string& name() const { return verb; }
    bool has(const std::string& name) const { return arguments.contains(name); }
    std::string text(const std::string& name) const { return arguments.at(name); }
    std::int64_t number(const std::string& name) const { return std::stoll(arguments.at(name)); }
    std::int64_t number(const std::string& name, std::int64_t otherwise) const {
        return has(name) ? number(name) : otherwise;
    }
    std::int32_t small(const std::string& name) const {
        return static_cast<std::int32_t>(number(name));
    }
    TopicPartition partition() const {
        const std::string p = text("p");
        const auto dash = p.rfind('-');
        return {p.substr(0, dash), PartitionIndex(std::stoi(p.substr(dash + 1)))};
    }
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
        std::vector<std::string> lines = bench_.take_lines();
        lines.insert(lines.end(), shown_.begin(), shown_.end());
        shown_.clear();
        return lines;
    }

  private:
    using Verb = void (Script::*)(const Command&);

    const MetadataImage& image() { return bench_.controller().current(); }
    std::int64_t epoch_of(std::int32_t broker) {
        const BrokerRegistration* known = image().broker(BrokerId(broker));
        return known == nullptr ? -1 : known->epoch.value();
    }

    void config(const Command& c) {
        ControllerConfig config = bench_config();
        config.imbalance_check_interval.reset();
        if (c.has("session-ms"))
            config.session_timeout = milliseconds(c.number("session-ms"));
        if (c.has("idle-ms"))
            config.max_idle_interval = milliseconds(c.number("idle-ms"));
        if (c.has("balance-ms")) {
            config.imbalance_check_interval = milliseconds(c.number("balance-ms"));
        }
        if (c.has("unclean-ms"))
            config.unclean_check_interval = milliseconds(c.number("unclean-ms"));
        config.unclean_leader_election = c.has("unclean");
        config.delete_topic_enable = !c.has("no-delete");
        config.node = BrokerId(static_cast<std::int32_t>(c.number("node", 0)));
        if (c.has("rf")) {
            config.default_replication_factor = static_cast<std::int16_t>(c.number("rf"));
        }
        if (c.has("elections"))
            config.max_elections_per_imbalance = c.small("elections");
        if (c.has("batch"))
            config.max_records_per_batch = c.small("batch");
        bench_ = ControllerBench(config);
    }
    void active(const Command& c) { bench_.activate(c.small("epoch")); }
    void resign(const Command&) { bench_.resign(); }
    void lose(const Command&) {
        bench_.resign();
        bench_.cut_log_to_committed();
    }
    void commit(const Command& c) {
        c.has("to") ? bench_.commit(Offset(c.number("to"))) : bench_.commit();
    }
    void wait(const Command& c) { bench_.wait(milliseconds(c.number("ms"))); }
    void oversleep(const Command& c) { bench_.oversleep(milliseconds(c.number("ms"))); }
    void show(const Command&) {
        for (const auto& [id, broker] : image().brokers()) {
            shown_.push_back("broker " + std::to_string(id.value()) +
                             (broker.fenced ? " fenced" : " unfenced") +
                             (broker.in_controlled_shutdown ? " in-controlled-shutdown" : ""));
        }
        for (const auto& [name, id] : image().topic_ids()) {
            for (const auto& [index, partition] : image().topic(id)->partitions) {
                shown_.push_back(TopicPartition{name, index}.to_string() + " " +
                                 describe(partition));
            }
        }
    }

    void register_broker(const Command& c) {
        auto request =
            registration(c.small("broker"), static_cast<std::uint64_t>(c.number("process", 1)));
        if (c.has("rack"))
            request.rack = c.text("rack");
        if (c.has("cluster"))
            request.cluster_id = c.text("cluster");
        if (c.has("features"))
            request.features.clear();
        if (c.has("dirs")) {
            request.log_dirs.clear();
            for (const std::int32_t id : numbers(c.text("dirs"))) {
                request.log_dirs.push_back(Uuid{0xd000, static_cast<std::uint64_t>(id)});
            }
        }
        bench_.request(4, std::move(request));
    }
    void register_controller(const Command& c) {
        wire::ControllerRegistrationRequest request;
        request.controller_id = c.small("node");
        bench_.request(0, std::move(request));
    }
    void heartbeat(const Command& c) {
        auto request = beat(c.small("broker"), c.number("epoch", epoch_of(c.small("broker"))),
                            c.number("read", bench_.end().value() - 1));
        request.want_fence = c.has("fence");
        request.want_shut_down = c.has("shutdown");
        if (c.has("offline")) {
            for (const std::int32_t id : numbers(c.text("offline"))) {
                request.offline_log_dirs.push_back(Uuid{0xd000, static_cast<std::uint64_t>(id)});
            }
        }
        bench_.request(1, std::move(request));
    }
    void create(const Command& c) {
        std::vector<std::vector<std::int32_t>> assignment;
        if (c.has("assign")) {
            for (const std::string& part : split(c.text("assign"), '/')) {
                assignment.push_back(numbers(part));
            }
        }
        wire::CreateTopicsRequest request;
        for (const std::string& topic : split(c.text("topic"), ',')) {
            auto asked = creation(topic, assignment).topics.front();
            asked.num_partitions = static_cast<std::int32_t>(c.number("partitions", -1));
            asked.replication_factor = static_cast<std::int16_t>(c.number("rf", -1));
            if (c.has("config")) {
                for (const std::string& pair : split(c.text("config"), ',')) {
                    const auto at = pair.find(':');
                    asked.configs.push_back({pair.substr(0, at), pair.substr(at + 1)});
                }
            }
            request.topics.push_back(std::move(asked));
        }
        request.validate_only = c.has("check");
        bench_.request(7, std::move(request));
    }
    void grow(const Command& c) {
        wire::CreatePartitionsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = c.text("topic");
        topic.count = c.small("to");
        topic.assignments = std::nullopt;
        if (c.has("assign")) {
            topic.assignments.emplace();
            for (const std::string& part : split(c.text("assign"), '/')) {
                topic.assignments->emplace_back().broker_ids = numbers(part);
            }
        }
        bench_.request(3, std::move(request));
    }
    void remove(const Command& c) {
        wire::DeleteTopicsRequest request;
        for (const std::string& topic : split(c.text("topic"), ',')) {
            request.topics.emplace_back().name = topic;
        }
        bench_.request(6, std::move(request));
    }
    void alter(const Command& c) {
        auto request = proposal(image(), c.partition(), numbers(c.text("isr")));
        if (c.has("from")) {
            request.broker_id = c.small("from");
            request.broker_epoch = epoch_of(request.broker_id);
        }
        request.broker_epoch = c.number("broker-epoch", request.broker_epoch);
        auto& data = request.topics.front().partitions.front();
        if (c.has("leader-epoch"))
            data.leader_epoch = c.small("leader-epoch");
        if (c.has("partition-epoch"))
            data.partition_epoch = c.small("partition-epoch");
        for (auto& member : data.new_isr_with_epochs) {
            member.broker_epoch = c.number("member-epoch", member.broker_epoch);
        }
        data.leader_recovery_state = c.has("recovering") ? 1 : 0;
        bench_.request(3, std::move(request));
    }
    void elect(const Command& c) {
        wire::ElectLeadersRequest request;
        request.election_type = c.text("kind") == "unclean" ? 1 : 0;
        request.topic_partitions = std::nullopt;
        if (c.has("p")) {
            const TopicPartition tp = c.partition();
            request.topic_partitions.emplace().push_back({tp.topic, {tp.partition.value()}});
        }
        bench_.request(2, std::move(request));
    }
    // configs topic=NAME (or broker=ID, broker= for all), set=KEY:VALUE, delete=KEY, append=,
    // subtract=.
    void configs(const Command& c) {
        wire::IncrementalAlterConfigsRequest request;
        request.validate_only = c.has("check");
        auto& resource = request.resources.emplace_back();
        resource.resource_type = c.has("topic") ? 2 : 4;
        resource.resource_name = c.has("topic") ? c.text("topic") : c.text("broker");
        std::int8_t operation = 0;
        for (const char* name : {"set", "delete", "append", "subtract"}) {
            for (const std::string& pair : split(c.has(name) ? c.text(name) : "", ';')) {
                auto& config = resource.configs.emplace_back();
                const auto at = pair.find(':');
                config.name = pair.substr(0, at);
                config.config_operation = operation;
                config.value = std::nullopt;
                if (at != std::string::npos)
                    config.value = pair.substr(at + 1);
            }
            ++operation;
        }
        bench_.request(1, std::move(request));
    }
    void assign_dir(const Command& c) {
        wire::AssignReplicasToDirsRequest request;
        request.broker_id = c.small("broker");
        request.broker_epoch = c.number("epoch", epoch_of(request.broker_id));
        auto& directory = request.directories.emplace_back();
        directory.id = Uuid{0xd000, static_cast<std::uint64_t>(c.number("dir"))};
        const TopicPartition tp = c.partition();
        auto& topic = directory.topics.emplace_back();
        const TopicImage* known = image().topic(tp.topic);
        topic.topic_id = known == nullptr ? Uuid{1, 1} : known->id;
        topic.partitions.emplace_back().partition_index = tp.partition.value();
        bench_.request(0, std::move(request));
    }
    void producer_ids(const Command& c) {
        wire::AllocateProducerIdsRequest request;
        request.broker_id = c.small("broker");
        request.broker_epoch = c.number("epoch", epoch_of(request.broker_id));
        bench_.request(0, request);
    }
    void unregister(const Command& c) {
        wire::UnregisterBrokerRequest request;
        request.broker_id = c.small("broker");
        bench_.request(0, request);
    }
    void reassign(const Command& c) {
        wire::AlterPartitionReassignmentsRequest request;
        const TopicPartition tp = c.partition();
        auto& topic = request.topics.emplace_back();
        topic.name = tp.topic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = tp.partition.value();
        if (c.has("to"))
            partition.replicas = numbers(c.text("to"));
        bench_.request(0, std::move(request));
    }

    ControllerBench bench_;
    std::vector<std::string> shown_;
    const std::map<std::string, Verb> verbs_{{"config", &Script::config},
                                             {"active", &Script::active},
                                             {"resign", &Script::resign},
                                             {"lose", &Script::lose},
                                             {"commit", &Script::commit},
                                             {"wait", &Script::wait},
                                             {"oversleep", &Script::oversleep},
                                             {"show", &Script::show},
                                             {"register", &Script::register_broker},
                                             {"register-controller", &Script::register_controller},
                                             {"heartbeat", &Script::heartbeat},
                                             {"create", &Script::create},
                                             {"grow", &Script::grow},
                                             {"delete", &Script::remove},
                                             {"alter", &Script::alter},
                                             {"elect", &Script::elect},
                                             {"configs", &Script::configs},
                                             {"assign-dir", &Script::assign_dir},
                                             {"producer-ids", &Script::producer_ids},
                                             {"unregister", &Script::unregister},
                                             {"reassign", &Script::reassign},
                                             {"cancel", &Script::reassign}};
};

class ControllerScript : public testing::TestWithParam<std::string> {};

TEST_P(ControllerScript, SaysWhatIsWritten) {
    Script script;
    test::run_script("controller", GetParam(), [&](const std::vector<std::string>& commands) {
        return script.run(commands);
    });
}

INSTANTIATE_TEST_SUITE_P(Text,
                         ControllerScript,
                         testing::ValuesIn(test::scripts_in("controller")),
                         test::script_test_name);

}  // namespace
}  // namespace bsim::controller
