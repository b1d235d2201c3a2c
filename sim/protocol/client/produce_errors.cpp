#include "sim/protocol/client/produce_errors.h"

namespace bsim::client {

using wire::ErrorCode;

bool is_invalid_metadata(ErrorCode error) {
    switch (error) {
        case ErrorCode::UnknownTopicOrPartition:
        case ErrorCode::LeaderNotAvailable:
        case ErrorCode::NotLeaderOrFollower:
        case ErrorCode::ReplicaNotAvailable:
        case ErrorCode::NetworkException:
        case ErrorCode::KafkaStorageError:
        case ErrorCode::ListenerNotFound:
        case ErrorCode::FencedLeaderEpoch:
        case ErrorCode::PreferredLeaderNotAvailable:
        case ErrorCode::EligibleLeadersNotAvailable:
        case ErrorCode::ElectionNotNeeded:
        case ErrorCode::UnknownTopicId:
        case ErrorCode::InconsistentTopicId:
            return true;
        default:
            return false;
    }
}

bool is_fatal_for_producer(ErrorCode error) {
    switch (error) {
        case ErrorCode::ClusterAuthorizationFailed:
        case ErrorCode::TransactionalIdAuthorizationFailed:
        case ErrorCode::ProducerFenced:
        case ErrorCode::UnsupportedVersion:
            return true;
        default:
            return false;
    }
}

bool surely_not_appended(ErrorCode error, Acks acks) {
    switch (error) {
        case ErrorCode::CorruptMessage:
        case ErrorCode::MessageTooLarge:
        case ErrorCode::InvalidTopicException:
        case ErrorCode::RecordListTooLarge:
        case ErrorCode::NotEnoughReplicas:
        case ErrorCode::InvalidRequiredAcks:
        case ErrorCode::TopicAuthorizationFailed:
        case ErrorCode::ClusterAuthorizationFailed:
        case ErrorCode::InvalidTimestamp:
        case ErrorCode::UnsupportedVersion:
        case ErrorCode::UnsupportedForMessageFormat:
        case ErrorCode::PolicyViolation:
        case ErrorCode::OutOfOrderSequenceNumber:
        case ErrorCode::InvalidProducerEpoch:
        case ErrorCode::UnknownProducerId:
        case ErrorCode::UnsupportedCompressionType:
        case ErrorCode::InvalidRecord:
            return true;
        case ErrorCode::UnknownTopicOrPartition:
        case ErrorCode::NotLeaderOrFollower:
        case ErrorCode::FencedLeaderEpoch:
            return acks != Acks::All;
        default:
            return false;
    }
}

}  // namespace bsim::client
