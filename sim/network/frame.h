#pragma once
// What travels over a connection: one Kafka request or response as a struct, with the number of
// bytes that its encoding takes (length prefix, header, body).

#include <cstdint>
#include <memory>
#include <utility>
#include <variant>

#include "sim/trace/event.h"
#include "sim/wire/message.h"

namespace bsim {

struct Frame {
    std::variant<wire::Request, wire::Response> message;
    wire::ApiKey api{};
    std::int64_t bytes = 0;
    EventNumber cause;         // the trace event that made the sender send
    std::uint64_t number = 0;  // of this message in the run, from 1

    // Takes a wire::Request or wire::Response, and what its encoding says of it.
    template <class Message>
    void carry(Message carried) {
        api = wire::api(carried.body);
        bytes = static_cast<std::int64_t>(wire::wire_size(carried));
        message = std::move(carried);
    }
};

template <class Message>
std::unique_ptr<Frame> make_frame(Message message) {
    auto frame = std::make_unique<Frame>();
    frame->carry(std::move(message));
    return frame;
}

}  // namespace bsim
