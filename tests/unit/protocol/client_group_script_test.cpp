// Runs tests/text/client/group-*.txt: stories of the members of a group. Requests about the group
// and what the application is told are written down; other requests are not.
//
//   group [partitions=N]     begins: a fresh cluster with one topic, t
//   member NAME KEY=VALUE... a consumer (keys of settings_of() below)
//   start|stop|kill NAME     stop: closes it
//   commit-sync|commit-async NAME    between two polls
//   work NAME MS             what the application takes for what a poll() returns, from now on
//   append PARTITION N
//   run MS, quiet, loud
//   inject API ERROR|SILENCE [times=N]   answered to the next requests for it; SILENCE: not at all
//   coordinator BROKER       it moves there; the other says NOT_COORDINATOR
//   partitions N             the topic grows
#include <gtest/gtest.h>

#include "tests/unit/protocol/client_group_world.h"
#include "tests/unit/protocol/client_story_file.h"

namespace bsim::client_test {
namespace {

using Options = std::map<std::string, std::string>;

ConsumerSettings settings_of(const Options& with) {
    ConsumerSettings s;
    s.auto_offset_reset = OffsetReset::Earliest;
    GroupSettings& g = s.group.emplace();
    g.group_id = "g";
    g.enable_auto_commit = false;
    g.partition_assignment_strategy = {group::AssignorKind::Range};
    for (const auto& [key, value] : with) {
        const auto ms = [&v = value] { return milliseconds(std::stoll(v)); };
        if (key == "assignor") {
            g.partition_assignment_strategy = {*group::find_assignor(value)};
        } else if (key == "instance") {
            g.group_instance_id = value;
        } else if (key == "session") {
            g.session_timeout_ms = ms();
        } else if (key == "heartbeat") {
            g.heartbeat_interval_ms = ms();
        } else if (key == "max-poll") {
            g.max_poll_interval_ms = ms();
        } else if (key == "auto") {
            g.enable_auto_commit = true;
            g.auto_commit_interval_ms = ms();
        } else if (key == "reset") {
            s.auto_offset_reset = OffsetReset::None;
        } else if (key == "request-timeout") {
            s.request_timeout_ms = ms();
        } else {
            ADD_FAILURE() << "unknown key " << key;
        }
    }
    return s;
}

wire::ErrorCode error_named(const std::string& name) {
    if (name == "SILENCE")
        return wire::ErrorCode::None;
    for (std::int16_t code = -1; code < 130; ++code) {
        if (wire::name(static_cast<wire::ErrorCode>(code)) == name)
            return static_cast<wire::ErrorCode>(code);
    }
    ADD_FAILURE() << name;
    return wire::ErrorCode::None;
}

wire::ApiKey api_named(const std::string& name) {
    static const std::map<std::string, wire::ApiKey> kApis = {
        {"FindCoordinator", wire::ApiKey::FindCoordinator},
        {"JoinGroup", wire::ApiKey::JoinGroup},
        {"SyncGroup", wire::ApiKey::SyncGroup},
        {"Heartbeat", wire::ApiKey::Heartbeat},
        {"OffsetCommit", wire::ApiKey::OffsetCommit},
        {"OffsetFetch", wire::ApiKey::OffsetFetch},
        {"Metadata", wire::ApiKey::Metadata}};
    return kApis.at(name);
}

class MemberStory {
  public:
    std::string run(const std::vector<std::string>& verbs) {
        for (const std::string& line : verbs) {
            if (line.empty() || line[0] == '#')
                continue;
            const StoryVerb verb(line);
            act(verb.name, verb.args, verb.options);
        }
        std::string output;
        for (const std::string& line : world_->lines)
            output += line + "\n";
        return output;
    }

  private:
    void act(const std::string& verb, const std::vector<std::string>& args, const Options& with) {
        if (verb == "group") {
            GroupWorld::Shape shape;
            if (with.contains("partitions"))
                shape.partitions = std::stoi(with.at("partitions"));
            world_ = std::make_unique<GroupWorld>(shape);
        } else if (verb == "member") {
            world_->add(args.at(0), settings_of(with));
        } else if (verb == "start") {
            world_->start(args.at(0));
        } else if (verb == "stop") {
            world_->stop(args.at(0));
        } else if (verb == "kill") {
            world_->kill(args.at(0));
        } else if (verb == "commit-sync" || verb == "commit-async") {
            world_->commit(args.at(0), verb == "commit-sync");
        } else if (verb == "work") {
            world_->work(args.at(0), milliseconds(std::stoll(args.at(1))));
        } else if (verb == "append") {
            world_->append(std::stoi(args.at(0)), std::stoi(args.at(1)));
        } else if (verb == "run") {
            run_for(milliseconds(std::stoll(args.at(0))));
        } else if (verb == "quiet" || verb == "loud") {
            quiet_ = verb == "quiet";
        } else if (verb == "inject") {
            world_->inject(api_named(args.at(0)), error_named(args.at(1)),
                           with.contains("times") ? std::stoi(with.at("times")) : 1);
        } else if (verb == "coordinator") {
            world_->move_coordinator(std::stoi(args.at(0)));
        } else if (verb == "partitions") {
            world_->set_partitions(std::stoi(args.at(0)));
        } else {
            FAIL() << "unknown verb " << verb;
        }
    }

    void run_for(SimDuration span) {
        const std::size_t before = world_->lines.size();
        world_->run_for(span);
        if (quiet_)
            world_->lines.resize(before);
    }

    std::unique_ptr<GroupWorld> world_;
    bool quiet_ = false;
};

class MemberScript : public testing::TestWithParam<const char*> {};

TEST_P(MemberScript, ComesOutAsWritten) {
    run_stories(std::string(BSIM_TEST_TEXT) + "/client/" + GetParam() + ".txt",
                [](const std::vector<std::string>& verbs) { return MemberStory().run(verbs); });
}

INSTANTIATE_TEST_SUITE_P(Stories,
                         MemberScript,
                         testing::Values("group_join",
                                         "group_rebalance",
                                         "group_errors",
                                         "group_commits",
                                         "group_timeouts"),
                         [](const auto& param_info) { return std::string(param_info.param); });

}  // namespace
}  // namespace bsim::client_test
