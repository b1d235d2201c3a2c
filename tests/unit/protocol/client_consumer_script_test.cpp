// Runs tests/text/client/consumer-*.txt: stories of a consumer against brokers in memory.
//
//   consumer KEY=VALUE...    begins: a fresh consumer and cluster (keys of begin() below)
//   start                    the consumer starts; its application polls from now on
//   run MS                   lets time pass
//   quiet, loud              leaves events out of the output, or not
//   seek PARTITION OFFSET    the application seeks, before it starts
//   stop                     the application closes the consumer
//   append PARTITION N [bytes=N] [txn=PID] [abort=PID]   a batch of N records; abort: a marker
//   leader PARTITION BROKER|none [cut=OFFSET]   in a new epoch; the log is cut to OFFSET
//   start-at PARTITION OFFSET  moves the log start
//   inject PARTITION ERROR [times=N]   answered to the next requests
//   kill|restart|cut|vanish|return|forget BROKER (forget: its fetch sessions)
//   spoil PARTITION          damages its last batch
//   topic appears|vanishes; metadata stale|fresh
#include <gtest/gtest.h>

#include "tests/unit/protocol/client_consumer_world.h"
#include "tests/unit/protocol/client_story_file.h"

namespace bsim::client_test {
namespace {

using Options = std::map<std::string, std::string>;

class ConsumerStory {
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
        if (verb == "consumer") {
            begin(with);
        } else if (verb == "start") {
            world_->start();
        } else if (verb == "stop") {
            world_->stop();
        } else if (verb == "run") {
            world_->run_for(milliseconds(std::stoll(args.at(0))));
        } else if (verb == "quiet" || verb == "loud") {
            world_->record_lines = verb == "loud";
        } else if (verb == "topic") {
            world_->topic_exists = args.at(0) == "appears";
        } else if (verb == "metadata") {
            world_->metadata_is_fresh = args.at(0) == "fresh";
        } else {
            const int number = std::stoi(args.at(0));
            if (!push_broker(verb, number))
                push_log(verb, number, args, with);
        }
    }

    bool push_broker(const std::string& verb, int broker) {
        if (verb == "kill") {
            world_->kill(broker);
        } else if (verb == "restart") {
            world_->down.erase(broker);
        } else if (verb == "cut") {
            world_->cut(broker);
        } else if (verb == "vanish") {
            world_->vanished.insert(broker);
        } else if (verb == "return") {
            world_->vanished.erase(broker);
        } else if (verb == "forget") {
            world_->forget_sessions(broker);
        } else {
            return false;
        }
        return true;
    }

    void push_log(const std::string& verb,
                  int partition,
                  const std::vector<std::string>& args,
                  const Options& with) {
        const auto option = [&](const std::string& key, std::int64_t otherwise) {
            const auto found = with.find(key);
            return found == with.end() ? otherwise : std::stoll(found->second);
        };
        FakeLog& log = world_->logs.at(partition);
        if (verb == "seek") {
            world_->seek(partition, std::stoll(args.at(1)));
        } else if (verb == "append") {
            append(partition, std::stoi(args.at(1)), option("txn", -1), option("abort", -1),
                   static_cast<std::size_t>(option("bytes", 0)));
        } else if (verb == "leader") {
            const bool none = args.at(1) == "none";
            world_->set_leader(partition, none ? std::nullopt : std::optional(std::stoi(args[1])),
                               option("cut", log.end()));
        } else if (verb == "start-at") {
            log.start = std::stoll(args.at(1));
            std::erase_if(log.batches, [&](const LogBatch& b) { return b.last < log.start; });
        } else if (verb == "spoil") {
            world_->spoil(partition);
        } else if (verb == "inject") {
            for (std::int64_t i = 0; i < option("times", 1); ++i)
                log.injected.push_back(error_named(args.at(1)));
            world_->wake_fetches();
        } else {
            FAIL() << "unknown verb " << verb;
        }
    }

    static wire::ErrorCode error_named(const std::string& name) {
        for (std::int16_t code = -1; code < 130; ++code) {
            if (wire::name(static_cast<wire::ErrorCode>(code)) == name)
                return static_cast<wire::ErrorCode>(code);
        }
        ADD_FAILURE() << name;
        return wire::ErrorCode::None;
    }

    void append(
        int partition, int records, std::int64_t txn, std::int64_t abort, std::size_t bytes) {
        FakeLog& log = world_->logs.at(partition);
        wire::BatchOptions how;
        if (txn >= 0) {
            open_.try_emplace(txn, log.end());
            how.producer_id = txn;
            how.producer_epoch = 0;
            how.base_sequence = 0;
            how.transactional = true;
        }
        if (abort >= 0) {
            log.aborted[open_.at(abort)] = {abort, log.end()};
            how.producer_id = abort;
            how.producer_epoch = 0;
            how.transactional = true;
            how.control = true;
        }
        world_->append(partition, records, how, bytes);
    }

    void begin(const Options& with) {
        ConsumerSettings s;
        ConsumerWorld::Shape shape;
        for (const auto& [key, value] : with) {
            const auto number = [&v = value] { return std::stoi(v); };
            const auto ms = [&v = value] { return milliseconds(std::stoll(v)); };
            if (key == "reset") {
                s.auto_offset_reset = value == "earliest" ? OffsetReset::Earliest
                                      : value == "none"   ? OffsetReset::None
                                                          : OffsetReset::Latest;
            } else if (key == "isolation") {
                s.isolation_level = IsolationLevel::ReadCommitted;
            } else if (key == "truncation-check") {
                s.truncation_check = value == "true";
            } else if (key == "max-poll") {
                s.max_poll_records = number();
            } else if (key == "min-bytes") {
                s.fetch_min_bytes = number();
            } else if (key == "max-wait") {
                s.fetch_max_wait_ms = ms();
            } else if (key == "partition-bytes") {
                s.max_partition_fetch_bytes = number();
            } else if (key == "request-timeout") {
                s.request_timeout_ms = ms();
            } else if (key == "max-age") {
                s.metadata_max_age_ms = ms();
            } else if (key == "brokers") {
                shape.brokers = number();
            } else if (key == "partitions") {
                shape.partitions = number();
            } else if (key == "work") {
                shape.work = ms();
            } else if (key == "poll") {
                shape.poll_timeout = ms();
            } else if (key == "hints") {
                shape.hints = value == "true";
            } else if (key == "sessions") {
                shape.sessions = value == "true";
            } else if (key == "topic") {
                shape.topic_exists = value == "true";
            } else {
                FAIL() << "unknown key " << key;
            }
        }
        world_.emplace(s, shape);
    }

    std::optional<ConsumerWorld> world_;
    std::map<std::int64_t, std::int64_t> open_;  // where each open transaction began
};

class ConsumerScript : public testing::TestWithParam<std::string> {};

TEST_P(ConsumerScript, ComesOutAsWritten) {
    run_stories(std::string(BSIM_TEST_TEXT) + "/client/" + GetParam(),
                [](const std::vector<std::string>& verbs) { return ConsumerStory().run(verbs); });
}

INSTANTIATE_TEST_SUITE_P(Stories,
                         ConsumerScript,
                         testing::ValuesIn(story_files(true)),
                         [](const auto& param_info) {
                             std::string name;
                             for (const char c : param_info.param) {
                                 if (std::isalnum(static_cast<unsigned char>(c)))
                                     name += c;
                             }
                             return name;
                         });

}  // namespace
}  // namespace bsim::client_test
