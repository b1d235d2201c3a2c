// Runs those of tests/text/client/*.txt that are stories of a producer against brokers in memory.
//
//   producer KEY=VALUE...    begins: a fresh producer and cluster (keys of apply_setting below)
//   start                    the producer starts
//   send IDS PARTITION|- [key=K] [bytes=N]   IDS: 7 or 1-5; - leaves the partition to the producer
//   run MS                   lets time pass
//   quiet, loud              leaves events out of the output, or not
//   close                    the application closes the producer
//   kill|restart|pause|resume|cut|vanish BROKER
//   leader PARTITION BROKER|none
//   inject PARTITION ERROR [times=N] [after-append]
//   topic appears|vanishes; metadata stale|fresh; forget PARTITION (its producer state)
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/protocol/client_story_file.h"
#include "tests/unit/protocol/client_world.h"

namespace bsim::client_test {
namespace {

class Story {
  public:
    std::string run(const std::vector<std::string>& verbs) {
        for (const std::string& line : verbs) {
            if (line.empty() || line[0] == '#')
                continue;
            std::istringstream in(line);
            std::string verb;
            in >> verb;
            std::vector<std::string> args;
            for (std::string arg; in >> arg;)
                args.push_back(arg);
            act(verb, args);
        }
        std::string output;
        for (const std::string& line : world_->lines)
            output += line + "\n";
        return output;
    }

  private:
    void act(const std::string& verb, const std::vector<std::string>& args) {
        if (verb == "producer") {
            begin(args);
        } else if (verb == "start") {
            world_->start();
        } else if (verb == "send") {
            send(args);
        } else if (verb == "run") {
            world_->run_for(milliseconds(std::stoll(args.at(0))));
        } else if (verb == "quiet" || verb == "loud") {
            world_->record_lines = verb == "loud";
        } else if (verb == "close") {
            world_->step(CloseRequested{});
        } else {
            push(verb, args);
        }
    }

    void push(const std::string& verb, const std::vector<std::string>& args) {
        if (verb == "topic") {
            world_->topic_exists = args.at(0) == "appears";
            return;
        }
        if (verb == "metadata") {
            world_->metadata_sees_leaders = args.at(0) == "fresh";
            return;
        }
        const int number = std::stoi(args.at(0));
        if (verb == "kill") {
            world_->kill(number);
        } else if (verb == "restart") {
            world_->restart(number);
        } else if (verb == "pause") {
            world_->pause(number);
        } else if (verb == "resume") {
            world_->resume(number);
        } else if (verb == "cut") {
            world_->cut(number);
        } else if (verb == "vanish") {
            world_->vanish(number);
        } else if (verb == "forget") {
            world_->partitions.at(number).forgets_producers = true;
        } else if (verb == "leader") {
            world_->set_leader(
                number, args.at(1) == "none" ? std::nullopt : std::optional(std::stoi(args.at(1))));
        } else if (verb == "inject") {
            inject(number, args);
        } else {
            FAIL() << "unknown verb " << verb;
        }
    }

    void inject(int partition, const std::vector<std::string>& args) {
        wire::ErrorCode error{};
        for (std::int16_t code = -1; code < 130; ++code) {
            if (wire::name(static_cast<wire::ErrorCode>(code)) == args.at(1)) {
                error = static_cast<wire::ErrorCode>(code);
            }
        }
        ASSERT_NE(error, wire::ErrorCode::None) << args.at(1);
        int times = 1;
        bool after_append = false;
        for (std::size_t i = 2; i < args.size(); ++i) {
            if (args[i] == "after-append")
                after_append = true;
            if (args[i].starts_with("times="))
                times = std::stoi(args[i].substr(6));
        }
        world_->inject(partition, error, times, after_append);
    }

    void send(const std::vector<std::string>& args) {
        std::uint64_t first = std::stoull(args.at(0));
        std::uint64_t last = first;
        if (const auto dash = args[0].find('-'); dash != std::string::npos) {
            last = std::stoull(args[0].substr(dash + 1));
        }
        std::optional<std::int32_t> partition;
        if (args.at(1) != "-")
            partition = std::stoi(args[1]);
        std::optional<std::string> key;
        std::size_t bytes = 20;
        for (std::size_t i = 2; i < args.size(); ++i) {
            if (args[i].starts_with("key="))
                key = args[i].substr(4);
            if (args[i].starts_with("bytes="))
                bytes = std::stoull(args[i].substr(6));
        }
        for (; first <= last; ++first)
            world_->send(first, partition, key, bytes);
    }

    void begin(const std::vector<std::string>& args) {
        ProducerSettings settings;
        World::Shape shape;
        for (const std::string& arg : args) {
            const auto equals = arg.find('=');
            const std::string key = arg.substr(0, equals);
            const std::string value = arg.substr(equals + 1);
            ASSERT_TRUE(apply_setting(settings, shape, key, value)) << arg;
        }
        world_.emplace(settings, shape);
    }

    static bool apply_setting(ProducerSettings& s,
                              World::Shape& shape,
                              const std::string& key,
                              const std::string& value) {
        const auto number = [&] { return std::stoi(value); };
        const auto ms = [&] { return milliseconds(std::stoll(value)); };
        if (key == "acks") {
            s.acks = value == "all" ? Acks::All : static_cast<Acks>(number());
            if (s.acks != Acks::All)
                s.enable_idempotence = false;
        } else if (key == "idempotence") {
            s.enable_idempotence = value == "true";
        } else if (key == "linger") {
            s.linger_ms = ms();
        } else if (key == "batch") {
            s.batch_size = number();
        } else if (key == "in-flight") {
            s.max_in_flight_requests_per_connection = number();
        } else if (key == "memory") {
            s.buffer_memory = number();
        } else if (key == "max-block") {
            s.max_block_ms = ms();
        } else if (key == "max-request") {
            s.max_request_size = number();
        } else if (key == "delivery") {
            s.delivery_timeout_ms = ms();
        } else if (key == "request-timeout") {
            s.request_timeout_ms = ms();
        } else if (key == "retries") {
            s.retries = number();
        } else if (key == "retry-backoff-max") {
            s.retry_backoff_max_ms = ms();
        } else if (key == "max-age") {
            s.metadata_max_age_ms = ms();
        } else if (key == "max-idle") {
            s.connections_max_idle_ms = ms();
        } else if (key == "brokers") {
            shape.brokers = number();
        } else if (key == "partitions") {
            shape.partitions = number();
        } else if (key == "hints") {
            shape.hints = value == "true";
        } else if (key == "topic") {
            shape.topic_exists = value == "true";
        } else if (key == "seed") {
            shape.seed = static_cast<std::uint64_t>(number());
        } else {
            return false;
        }
        return true;
    }

    std::optional<World> world_;
};

class ClientScript : public testing::TestWithParam<std::string> {};

TEST_P(ClientScript, ComesOutAsWritten) {
    run_stories(std::string(BSIM_TEST_TEXT) + "/client/" + GetParam(),
                [](const std::vector<std::string>& verbs) { return Story().run(verbs); });
}

INSTANTIATE_TEST_SUITE_P(Stories,
                         ClientScript,
                         testing::ValuesIn(story_files(false)),
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
