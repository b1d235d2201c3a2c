#include "sim/node/send_history.h"

#include <utility>

#include "sim/base/check.h"
#include "sim/wire/record_batch.h"
#include "sim/wire/record_reader.h"

namespace bsim {

void SendHistory::sent(SimTime now,
                       const NodeName& producer,
                       BrokerId to,
                       const wire::ProduceRequest& body) {
    for (const auto& topic : body.topic_data) {
        for (const auto& partition : topic.partition_data) {
            if (!partition.records)
                continue;
            const auto batch = wire::parse_batch(partition.records->view());
            BSIM_CHECK(batch.ok());
            std::vector<std::string> values;
            std::deque<std::string> made;
            const auto read = wire::for_each_record(*batch, [&](const wire::RecordView& record) {
                values.emplace_back(value_text(record.value.value_or(ByteView{}), made));
            });
            BSIM_CHECK(read.ok() && !values.empty());
            const auto [it, first_time] = open_.try_emplace(values.front());
            it->second.batch = {batch->header.crc, batch->header.producer_id, to};
            if (!first_time) {
                // What was too large goes in parts: this one holds the first of its records.
                if (values.size() < it->second.values.size())
                    it->second.values.resize(values.size());
                continue;
            }
            it->second.process = processes_.take();
            it->second.values = std::move(values);
            const bool idempotent = batch->header.producer_id >= 0;
            write({now, OpType::Invoke, it->second.process, std::nullopt,
                   ClientNote{producer.text(), false, body.acks, idempotent, {}}},
                  {topic.name, PartitionIndex(partition.index)}, it->second.values);
        }
    }
}

std::optional<SentBatch> SendHistory::completed(SimTime now,
                                                const NodeName& producer,
                                                const Outcome& outcome) {
    if (outcome.records.empty())
        return std::nullopt;
    const std::string first = value_text(outcome.form, producer, outcome.records.front());
    auto node = open_.extract(first);
    if (node.empty()) {
        // Given up before it was ever sent: both ends of the operation stand at one time.
        std::vector<std::string> values;
        for (const client::RecordId id : outcome.records) {
            values.push_back(value_text(outcome.form, producer, id));
        }
        const std::int32_t process = processes_.take();
        write({now, OpType::Invoke, process, std::nullopt, ClientNote{producer.text()}}, outcome.p,
              values);
        write({now, outcome.type, process, outcome.base, {}}, outcome.p, values);
        processes_.give_back(process);
        return std::nullopt;
    }
    const Open& open = node.mapped();
    write({now, outcome.type, open.process, outcome.base, {}}, outcome.p, open.values);
    if (outcome.type != OpType::Info)
        processes_.give_back(open.process);
    return open.batch;
}

void SendHistory::write(const Entry& entry,
                        const TopicPartition& p,
                        const std::vector<std::string>& values) {
    std::vector<SeenRecord> records;
    records.reserve(values.size());
    std::int64_t index = 0;
    for (const std::string& value : values) {
        std::optional<Offset> offset;
        if (entry.base)
            offset = *entry.base + index;
        ++index;
        records.push_back({p, offset, value});
    }
    sink_.send({entry.process, entry.type, entry.time, records, entry.note});
}

}  // namespace bsim
