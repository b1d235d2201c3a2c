#pragma once
// The records of the metadata log, as one variant, and their frame: frame version 1, record type,
// record version, each an unsigned varint, then the body.
// Errors: WireError when bytes are no such record; nothing is thrown.
// Source: KIP-631; MetadataRecordSerde, AbstractApiMessageSerde, MetadataRecordType.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/messages/abort_transaction_record.h"
#include "sim/wire/messages/access_control_entry_record.h"
#include "sim/wire/messages/begin_transaction_record.h"
#include "sim/wire/messages/broker_registration_change_record.h"
#include "sim/wire/messages/client_quota_record.h"
#include "sim/wire/messages/config_record.h"
#include "sim/wire/messages/delegation_token_record.h"
#include "sim/wire/messages/end_transaction_record.h"
#include "sim/wire/messages/feature_level_record.h"
#include "sim/wire/messages/fence_broker_record.h"
#include "sim/wire/messages/no_op_record.h"
#include "sim/wire/messages/partition_change_record.h"
#include "sim/wire/messages/partition_record.h"
#include "sim/wire/messages/producer_ids_record.h"
#include "sim/wire/messages/register_broker_record.h"
#include "sim/wire/messages/register_controller_record.h"
#include "sim/wire/messages/remove_access_control_entry_record.h"
#include "sim/wire/messages/remove_delegation_token_record.h"
#include "sim/wire/messages/remove_topic_record.h"
#include "sim/wire/messages/remove_user_scram_credential_record.h"
#include "sim/wire/messages/topic_record.h"
#include "sim/wire/messages/unfence_broker_record.h"
#include "sim/wire/messages/unregister_broker_record.h"
#include "sim/wire/messages/user_scram_credential_record.h"
#include "sim/wire/messages/zk_migration_state_record.h"

namespace bsim::wire {

enum class WireError : std::uint8_t {
    BadFrame,  // the frame version is not 1, or a number of the frame is too large
    UnknownType,
    UnknownVersion,
    BadBody,
    TrailingBytes,
};
std::string_view describe(WireError error);

// In the order of their types. What copies, moves and destroys so many alternatives is compiled
// once, in metadata_record.cpp, and not wherever a record is held.
struct MetadataRecord : std::variant<RegisterBrokerRecord,
                                     UnregisterBrokerRecord,
                                     TopicRecord,
                                     PartitionRecord,
                                     ConfigRecord,
                                     PartitionChangeRecord,
                                     FenceBrokerRecord,
                                     UnfenceBrokerRecord,
                                     RemoveTopicRecord,
                                     DelegationTokenRecord,
                                     UserScramCredentialRecord,
                                     FeatureLevelRecord,
                                     ClientQuotaRecord,
                                     ProducerIdsRecord,
                                     BrokerRegistrationChangeRecord,
                                     AccessControlEntryRecord,
                                     RemoveAccessControlEntryRecord,
                                     NoOpRecord,
                                     ZkMigrationStateRecord,
                                     RemoveUserScramCredentialRecord,
                                     BeginTransactionRecord,
                                     EndTransactionRecord,
                                     AbortTransactionRecord,
                                     RemoveDelegationTokenRecord,
                                     RegisterControllerRecord> {
    using variant::variant;
    MetadataRecord();
    MetadataRecord(const MetadataRecord& other);
    MetadataRecord(MetadataRecord&& other) noexcept;
    MetadataRecord& operator=(const MetadataRecord& other);
    MetadataRecord& operator=(MetadataRecord&& other) noexcept;
    ~MetadataRecord();
    bool operator==(const MetadataRecord& other) const;
};

struct VersionedRecord {
    std::int16_t version = 0;
    MetadataRecord record{};

    bool operator==(const VersionedRecord&) const = default;
};

// The record in the version that a 3.9 controller writes at metadata.version 3.9-IV0:
// RegisterBroker 3, Partition 1, PartitionChange 1; BrokerRegistrationChange 2 with log
// directories, 1 with a change of controlled shutdown, otherwise 0; the rest 0.
VersionedRecord versioned(MetadataRecord record);

std::int16_t record_type(const MetadataRecord& record);
// Kafka's name of the type, "PARTITION_CHANGE_RECORD".
std::string_view record_type_name(const MetadataRecord& record);

std::size_t encoded_metadata_record_size(const VersionedRecord& record);
std::vector<std::uint8_t> encode_metadata_record(const VersionedRecord& record);
Result<VersionedRecord, WireError> decode_metadata_record(ByteView bytes);

// {"type":"PARTITION_CHANGE_RECORD","version":1,"data":{...}}, as kafka-dump-log prints a payload.
nlohmann::ordered_json metadata_record_json(const VersionedRecord& record);

}  // namespace bsim::wire
