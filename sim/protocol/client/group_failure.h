#pragma once
// How a request to the group's coordinator fails: the exception that Kafka's client ends it with.
// Source: the handlers of AbstractCoordinator and ConsumerCoordinator.

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/wire/error_code.h"

namespace bsim::client {

struct GroupFailure {
    enum class Kind : std::uint8_t {
        Answered,      // the exception of `error`
        Disconnected,  // DisconnectException
        TimedOut,      // TimeoutException: it could not be sent
        NoBroker,      // NoAvailableBrokersException
        NotMember,     // CommitFailedException: the group goes on without this consumer; `error` is
                       // the broker's, None if the client knew it by itself
        Unjoined,      // UnjoinedGroupException: the member left while it joined
        Unexpected,    // KafkaException: `error` is one that this request never gets
        Assignor,      // the assignor threw `text`
    };
    Kind kind = Kind::Answered;
    wire::ErrorCode error = wire::ErrorCode::None;
    std::string text{};

    bool is(wire::ErrorCode code) const { return kind == Kind::Answered && error == code; }
    // A RetriableException.
    bool retriable() const;
};

// In the style of Kafka's error codes: ILLEGAL_GENERATION, COMMIT_FAILED.
std::string_view failure_name(const GroupFailure& failure);

// What a call that may have to wait comes to. The caller's thread goes on in the call when it is
// made again.
//   Done     it is as wanted
//   GaveUp   its time is over
//   Waits    the thread polls the network
//   Sleeps   the thread does nothing, not even that
enum class Progress : std::uint8_t { Done, GaveUp, Waits, Sleeps };

}  // namespace bsim::client
