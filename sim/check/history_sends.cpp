#include "sim/check/history_sends.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/run_hash.h"

namespace bsim {

void HistorySends::on(const ClientOp& op) {
    if (op.type == OpType::Invoke)
        return begin(op);
    const auto node = open_.extract(op.process);
    if (node.empty())
        return;
    const Open& open = node.mapped();
    if (op.type == OpType::Ok) {
        acknowledged(op, open);
    } else if (op.type == OpType::Fail) {
        for (std::size_t i = 0; i < op.records.size(); ++i)
            log_.failed(value_of(open, i, op.records[i].value), op.time, op.records[i].value);
    }
}

std::uint32_t HistorySends::client_of(const ClientOp& op) {
    const auto number = static_cast<std::uint32_t>(clients_.size());
    if (op.note.client.empty())
        return clients_.try_emplace(fmt::format("process {}", op.process), number).first->second;
    const auto known = clients_.find(op.note.client);
    if (known != clients_.end())
        return known->second;
    return clients_.emplace(op.note.client, number).first->second;
}

void HistorySends::begin(const ClientOp& op) {
    Open& open = open_[op.process];
    open = {log_.values.size(),
            static_cast<std::uint32_t>(op.records.size()),
            ++sent_,
            client_of(op),
            {}};
    const TopicPartition* last = nullptr;
    for (const SeenRecord& record : op.records) {
        const std::uint64_t hash = xxh3_64(record.value);
        const ValueIndex before = log_.values.find(hash);
        HistoryValue& value = log_.values[log_.values.add(hash)];
        value.sent = true;
        value.acks = static_cast<std::int8_t>(op.note.acks);
        value.idempotent = op.note.idempotent;
        if (before != kNoValue) {
            value.ambiguous = true;
            log_.values[before].ambiguous = true;
        }
        if (last != nullptr && *last == record.p)
            continue;
        last = &record.p;
        if (const auto* const part = log_.partition(record.p))
            open.parts.push_back({part->number, part->acked});
    }
}

// The operation's end names the same records as its beginning, or the first of them.
ValueIndex HistorySends::value_of(const Open& open, std::size_t i, std::string_view text) {
    const std::uint64_t hash = xxh3_64(text);
    if (i < open.count) {
        const auto index = open.first + static_cast<ValueIndex>(i);
        if (log_.values[index].hash == hash)
            return index;
    }
    const ValueIndex found = log_.values.find(hash);
    return found == kNoValue ? log_.values.add(hash) : found;
}

void HistorySends::acknowledged(const ClientOp& op, const Open& open) {
    const TopicPartition* last = nullptr;
    HistoryLog::Partition* part = nullptr;
    for (std::size_t i = 0; i < op.records.size(); ++i) {
        const SeenRecord& record = op.records[i];
        const ValueIndex value = value_of(open, i, record.value);
        if (!record.offset || *record.offset < Offset()) {
            log_.values[value].acked = true;
            continue;
        }
        const bool first = last == nullptr || *last != record.p;
        if (first)
            part = log_.partition(record.p);
        last = &record.p;
        if (part == nullptr)
            continue;
        const HistoryLog::Place place{*part, *record.offset, op.time};
        if (first && !log_.values[value].ambiguous)
            in_order(place, value, open);
        log_.acked(place, value, record.value);
    }
}

void HistorySends::in_order(const HistoryLog::Place& place, ValueIndex value, const Open& open) {
    HistoryLog::Partition& part = place.part;
    Anomaly& anomaly = log_.anomalies.nonmonotonic_send;
    const auto excuse = [&](Offset higher) {
        std::string why = log_.excuse(part, higher, part.offsets.at(higher));
        return why.empty() ? log_.excuse(part, place.offset, value) : why;
    };
    anomaly.evaluated();
    const auto sent = std::find_if(open.parts.begin(), open.parts.end(),
                                   [&](const Part& one) { return one.partition == part.number; });
    if (sent != open.parts.end() && sent->acked && place.offset <= *sent->acked) {
        log_.found(anomaly, place,
                   fmt::format("{}: what was sent after {} was acknowledged stands at {}",
                               part.p.to_string(), sent->acked->value(), place.offset.value()),
                   excuse(*sent->acked), HistoryLog::Of::Next);
        part.acked = place.offset;
    }
    const auto [found, fresh] =
        newest_.try_emplace({open.client, part.number}, Newest{open.number, place.offset});
    if (fresh)
        return;
    Newest& newest = found->second;
    const bool later = open.number > newest.number;
    if (later ? place.offset < newest.base : place.offset > newest.base) {
        const Offset higher = std::max(place.offset, newest.base);
        log_.found(anomaly, place,
                   fmt::format("{}: two sends of one client stand at {} and {}, the {} was sent "
                               "first",
                               part.p.to_string(), newest.base.value(), place.offset.value(),
                               later == (place.offset < newest.base) ? "upper" : "lower"),
                   log_.values[value].idempotent ? excuse(higher) : "idempotence is off",
                   HistoryLog::Of::Next);
    }
    if (later)
        newest = {open.number, place.offset};
}

}  // namespace bsim
