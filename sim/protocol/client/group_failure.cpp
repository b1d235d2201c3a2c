#include "sim/protocol/client/group_failure.h"

namespace bsim::client {

bool GroupFailure::retriable() const {
    switch (kind) {
        case Kind::Answered:
            return wire::is_retriable(error);
        case Kind::Disconnected:
        case Kind::TimedOut:
        case Kind::NoBroker:
        case Kind::Unjoined:
            return true;
        case Kind::NotMember:
        case Kind::Unexpected:
        case Kind::Assignor:
            return false;
    }
    return false;
}

std::string_view failure_name(const GroupFailure& failure) {
    switch (failure.kind) {
        case GroupFailure::Kind::Answered:
        case GroupFailure::Kind::Unexpected:
            return wire::name(failure.error);
        case GroupFailure::Kind::NotMember:
            return failure.error == wire::ErrorCode::None ? "COMMIT_FAILED"
                                                          : wire::name(failure.error);
        case GroupFailure::Kind::Disconnected:
            return "NETWORK_EXCEPTION";
        case GroupFailure::Kind::TimedOut:
            return "TIMED_OUT";
        case GroupFailure::Kind::NoBroker:
            return "BROKER_NOT_AVAILABLE";
        case GroupFailure::Kind::Unjoined:
            return "UNJOINED";
        case GroupFailure::Kind::Assignor:
            return "ASSIGNOR_FAILED";
    }
    return "";
}

}  // namespace bsim::client
