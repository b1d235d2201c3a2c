#include "sim/protocol/kraft/batch_bytes.h"

#include "sim/wire/batch_builder.h"
#include "sim/wire/control_record.h"
#include "sim/wire/messages/leader_change_message.h"

namespace bsim::kraft {

namespace {

wire::BatchOptions options_of(Offset base, LeaderEpoch epoch) {
    wire::BatchOptions options;
    options.base_offset = base.value();
    options.leader_epoch = epoch.value();
    return options;
}

std::vector<wire::LeaderChangeMessage::Voter> voters_of(const std::vector<BrokerId>& ids) {
    std::vector<wire::LeaderChangeMessage::Voter> voters;
    for (const BrokerId id : ids)
        voters.emplace_back().voter_id = id.value();
    return voters;
}

std::vector<std::uint8_t> bytes_of(const LeaderChangeBatch& batch) {
    wire::LeaderChangeMessage message;
    message.leader_id = batch.leader.value();
    message.voters = voters_of(batch.voters);
    message.granting_voters = voters_of(batch.granting);
    return wire::control_batch(options_of(batch.base, batch.epoch), batch.timestamp.value(),
                               wire::ControlType::LeaderChange,
                               wire::encode_control_value(message, 0));
}

std::vector<std::uint8_t> bytes_of(const RecordsBatch& batch) {
    wire::BatchBuilder builder(options_of(batch.base, batch.epoch));
    for (const SharedBytes& value : batch.values) {
        builder.append(batch.timestamp.value(), std::nullopt, value.view(), {});
    }
    return builder.build();
}

}  // namespace

std::vector<std::uint8_t> batch_bytes(const LeaderBatch& batch) {
    return std::visit([](const auto& made) { return bytes_of(made); }, batch);
}

}  // namespace bsim::kraft
