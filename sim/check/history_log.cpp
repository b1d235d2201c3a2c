#include "sim/check/history_log.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/check/excuse.h"
#include "sim/trace/run_hash.h"

namespace bsim {

namespace {

// What was acknowledged so shortly before the end need not have been read.
constexpr SimDuration kUnseenFor = seconds(10);
constexpr std::size_t kShown = 40;

}  // namespace

std::string shown(std::string_view text) {
    const std::size_t last = text.find_last_not_of('.');
    text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
    return text.size() > kShown ? fmt::format("\"{}...\"", text.substr(0, kShown))
                                : fmt::format("\"{}\"", text);
}

std::vector<const Anomaly*> Anomalies::all() const {
    return {&failed_read, &duplicate,         &inconsistent_offsets,
            &lost_write,  &nonmonotonic_poll, &nonmonotonic_send,
            &poll_skip,   &thin_air_read,     &undeclared_reset,
            &unseen};
}

void HistoryLog::recreated(const TopicPartition& p) {
    if (created_.insert(p).second)
        return;
    if (Partition* const part = partition(p))
        part->off = true;
}

HistoryLog::Partition* HistoryLog::partition(const TopicPartition& p) {
    auto found = by_name_.find(p);
    if (found == by_name_.end()) {
        // Kafka's own topics hold what no client of the history wrote.
        if (p.partition < PartitionIndex(0) || p.topic.starts_with("__"))
            return nullptr;
        Partition& part = partitions_.emplace_back();
        part.p = p;
        part.number = static_cast<std::uint32_t>(partitions_.size() - 1);
        part.sparse = settings_.compacted.contains(p.topic);
        found = by_name_.emplace(p, &part).first;
    }
    return found->second->off ? nullptr : found->second;
}

void HistoryLog::acked(const Place& place, ValueIndex value, std::string_view text) {
    values[value].acked = true;
    if (values[value].ambiguous)
        return;
    stands(place, value, text, Of::Next);
    Partition& part = place.part;
    part.acked = std::max(part.acked.value_or(place.offset), place.offset);
    settle_old(part, place.t);
    if (!part.ends.empty() && part.ends.back().first == place.t) {
        part.ends.back().second = *part.acked;
    } else {
        part.ends.emplace_back(place.t, *part.acked);
    }
}

// Keeps of `ends` the newest that is old enough, and all after it.
void HistoryLog::settle_old(Partition& part, SimTime now) {
    while (part.ends.size() > 1 && now - part.ends[1].first >= kUnseenFor)
        part.ends.pop_front();
}

void HistoryLog::failed(ValueIndex index, SimTime t, std::string_view text) {
    HistoryValue& value = values[index];
    value.failed = true;
    if (value.ambiguous || !value.read || value.told)
        return;
    value.told = true;
    Partition& part = partitions_[value.partition];
    found(anomalies.failed_read, {part, Offset(value.offset), t},
          fmt::format("{}: {} was read at {}, and its producer is told that it is not written",
                      part.p.to_string(), shown(text), value.offset),
          "", Of::Next);
}

void HistoryLog::read(const Place& place, std::string_view text) {
    const std::uint64_t hash = xxh3_64(text);
    anomalies.failed_read.evaluated();
    anomalies.thin_air_read.evaluated();
    ValueIndex index = place.part.offsets.at(place.offset);
    if (index != kNoValue && values[index].hash == hash) {
        anomalies.inconsistent_offsets.evaluated();
        values[index].read = true;
    } else {
        index = values.find(hash);
        if (index == kNoValue) {
            index = values.add(hash);
            found(anomalies.thin_air_read, place,
                  fmt::format("{}: offset {} is read as {}, which nobody sent",
                              place.part.p.to_string(), place.offset.value(), shown(text)),
                  "", Of::Last);
        }
        values[index].read = true;
        if (values[index].ambiguous)
            return;
        stands(place, index, text, Of::Last);
    }
    HistoryValue& value = values[index];
    if (!value.failed || value.told || value.ambiguous)
        return;
    value.told = true;
    found(anomalies.failed_read, place,
          fmt::format("{}: offset {} is read as {}, of which its producer was told that it is not "
                      "written",
                      place.part.p.to_string(), place.offset.value(), shown(text)),
          "", Of::Last);
}

void HistoryLog::stands(const Place& place, ValueIndex index, std::string_view text, Of of) {
    Partition& part = place.part;
    HistoryValue& value = values[index];
    anomalies.inconsistent_offsets.evaluated();
    anomalies.duplicate.evaluated();
    if (value.offset < 0) {
        value.offset = place.offset.value();
        value.partition = part.number;
    } else if (value.partition != part.number || value.offset != place.offset.value()) {
        stands_twice(place, index, text, of);
    }
    const ValueIndex before = part.offsets.at(place.offset);
    if (before == index)
        return;
    if (before == kNoValue || values[before].ambiguous)
        return part.offsets.set(place.offset, index);
    const std::string lost = excuse(part, place.offset, before);
    const std::string late = lost.empty() ? excuse(part, place.offset, index) : "";
    found(anomalies.inconsistent_offsets, place,
          fmt::format("{}: offset {} holds {}, but another value was {} there", part.p.to_string(),
                      place.offset.value(), shown(text),
                      values[before].read ? "read" : "acknowledged"),
          lost.empty() ? late : lost, of);
    odd(place, place.offset + 1);
    // What a deposed leader may have acknowledged must not replace what was read.
    if (!late.empty())
        return;
    part.offsets.set(place.offset, index);
    rewrites_.push_back({part, place.offset, index});
}

// A snapshot keeps the last batch of each producer, so that a log that was opened again takes the
// one before it, sent once more, for out of order. Its producer then goes on in a new epoch, in
// which it writes all that is under way a second time. Source: ProducerStateManager.writeSnapshot,
// TransactionManager.canRetry (3.9).
std::string HistoryLog::excuse_for_copy(const Place& place, ValueIndex index) {
    const HistoryValue& value = values[index];
    if (!value.idempotent)
        return "idempotence is off";
    const Partition& other = partitions_[value.partition];
    std::string why = excuse(other, Offset(value.offset), kNoValue);
    const PartitionView* const view = view_.partition(other.p);
    if (!why.empty() || view == nullptr || other.number != place.part.number)
        return why;
    const auto [first, second] = std::minmax({Offset(value.offset), place.offset});
    bool opened_again = false;
    bool bumped = false;
    for (const auto& [broker, replica] : view->by_broker) {
        const LoggedBatch* const original = replica.log.at(first);
        const LoggedBatch* const copy = replica.log.at(second);
        opened_again = opened_again || replica.recovered > first;
        bumped = bumped || (original != nullptr && copy != nullptr &&
                            original->producer_id == copy->producer_id &&
                            original->producer_epoch < copy->producer_epoch);
    }
    return opened_again && bumped
               ? "a log that was opened again knew its producer's last batch only"
               : "";
}

void HistoryLog::stands_twice(const Place& place, ValueIndex index, std::string_view text, Of of) {
    HistoryValue& value = values[index];
    if (value.told)
        return;
    value.told = true;
    const Partition& other = partitions_[value.partition];
    found(anomalies.duplicate, place,
          fmt::format("{}: {} stands at {} and at {}{}", place.part.p.to_string(), shown(text),
                      place.offset.value(), value.offset,
                      &other == &place.part ? "" : " of " + other.p.to_string()),
          excuse_for_copy(place, index), of);
}

std::vector<HistoryLog::Rewrite> HistoryLog::take_rewrites() {
    return std::exchange(rewrites_, {});
}

void HistoryLog::passed(const Place& from, Offset to) {
    from.part.passed.add(from.offset, to);
}

void HistoryLog::odd(const Place& from, Offset to) {
    if (!odd_.empty() && odd_.back().i == i_ && odd_.back().part == from.part.number &&
        odd_.back().to == from.offset) {
        odd_.back().to = to;
    } else {
        odd_.push_back({from.part.number, from.offset, to, i_, from.t});
    }
}

std::string HistoryLog::excuse(const Partition& part, Offset offset, ValueIndex victim) {
    if (victim != kNoValue) {
        const HistoryValue& value = values[victim];
        // What was read has been replicated as the settings ask, whatever its producer waited for.
        if (value.acks != -1 && !value.read)
            return fmt::format("acks={}", value.acks);
    }
    const PartitionView* const partition = view_.partition(part.p);
    if (partition == nullptr)
        return "";
    return excuse_for_loss_at(settings_, part.p, *partition, offset);
}

void HistoryLog::found(
    Anomaly& anomaly, const Place& place, std::string detail, std::string excuse, Of of) {
    if (of == Of::Last) {
        anomaly.judge(i_, place.t, std::move(detail), excuse);
    } else {
        pending_.push_back({&anomaly, place.t, std::move(detail), std::move(excuse)});
    }
}

void HistoryLog::settle(const Event* event) {
    for (Pending& one : std::exchange(pending_, {})) {
        const bool told =
            event != nullptr && event->t == one.t &&
            (as<ProduceAcked>(*event) != nullptr || as<ProduceFailed>(*event) != nullptr);
        one.anomaly->judge(told ? event->i : i_, one.t, std::move(one.detail), one.excuse);
    }
}

bool HistoryLog::is_settled(Partition& part, Offset offset, SimTime end) {
    settle_old(part, end);
    return !part.ends.empty() && end - part.ends.front().first >= kUnseenFor &&
           offset <= part.ends.front().second;
}

void HistoryLog::finish(const EndOfRun& end) {
    settle(nullptr);
    Missing run;
    const auto conclude = [&](Missing next) {
        if (run.part != nullptr)
            missing(run, end);
        run = next;
    };
    for (ValueIndex i = 0; i < values.size(); ++i) {
        const HistoryValue& value = values[i];
        if (!value.acked || value.offset < 0 || value.ambiguous)
            continue;
        Partition& part = partitions_[value.partition];
        const Offset offset(value.offset);
        if (part.off || part.sparse || part.passed.empty())
            continue;
        const bool passed = part.passed.contains(offset);
        if (passed)
            anomalies.lost_write.evaluated();
        const bool late = !passed && offset > part.passed.lowest();
        if (late)
            anomalies.unseen.evaluated();
        if (value.read || !(passed || (late && is_settled(part, offset, end.t))))
            continue;
        if (run.part == &part && run.to == offset && run.passed == passed) {
            run.to = offset + 1;
        } else {
            conclude({&part, offset, offset + 1, i, passed});
        }
    }
    conclude({});
}

void HistoryLog::missing(const Missing& run, const EndOfRun& end) {
    Partition& part = *run.part;
    const std::string what =
        fmt::format("{}: {}..{} ({} records) were acknowledged", part.p.to_string(),
                    run.from.value(), run.to.value() - 1, run.to - run.from);
    std::string why = excuse(part, run.from, run.first);
    if (!run.passed) {
        i_ = end.i;
        return found(anomalies.unseen, {part, run.from, end.t},
                     what + " and by the end nobody has read them", why, Of::Last);
    }
    Odd when;
    when.i = end.i;
    when.t = end.t;
    for (const Odd& odd : odd_) {
        if (odd.part == part.number && odd.from <= run.from && run.from < odd.to) {
            when = odd;
            break;
        }
    }
    i_ = when.i;
    found(anomalies.lost_write, {part, run.from, when.t},
          what + ", readers have passed them, and nobody has read them", why, Of::Last);
}

}  // namespace bsim
