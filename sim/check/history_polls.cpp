#include "sim/check/history_polls.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace bsim {

namespace {

constexpr std::size_t kPassedKept = 64;
constexpr std::size_t kGapsKept = 10'000;

}  // namespace

HistoryPolls::Session& HistoryPolls::session_of(const ClientOp& op) {
    auto client = clients_.find(op.process);
    if (!op.note.client.empty()) {
        client = clients_.insert_or_assign(op.process, std::string(op.note.client)).first;
    } else if (client == clients_.end()) {
        client = clients_.emplace(op.process, fmt::format("process {}", op.process)).first;
    }
    Session& session = sessions_[client->second];
    if (session.client.empty())
        session.client = client->second;
    return session;
}

void HistoryPolls::on(const ClientOp& op) {
    Session& session = session_of(op);
    if (op.note.begins)
        session.positions.clear();
    if (op.type == OpType::Invoke)
        return;
    for (const PositionMove& move : op.note.moved)
        moved(session, move);
    if (op.type != OpType::Ok)
        return;
    for (std::size_t from = 0; from < op.records.size();) {
        std::size_t to = from + 1;
        while (to < op.records.size() && op.records[to].p == op.records[from].p)
            ++to;
        HistoryLog::Partition* const part = log_.partition(op.records[from].p);
        if (part != nullptr)
            read(session, *part, op.records.subspan(from, to - from), op.time);
        from = to;
    }
}

void HistoryPolls::moved(Session& session, const PositionMove& move) {
    const HistoryLog::Partition* const part = log_.partition(move.p);
    if (part == nullptr)
        return;
    if (move.to) {
        Position at;
        at.next = *move.to;
        session.positions[part->number] = std::move(at);
    } else {
        session.positions.erase(part->number);
    }
}

void HistoryPolls::read(Session& session,
                        HistoryLog::Partition& part,
                        std::span<const SeenRecord> records,
                        SimTime t) {
    const Offset first = records.front().offset.value_or(Offset());
    const auto [found, fresh] = session.positions.try_emplace(part.number);
    Position& at = found->second;
    if (fresh) {
        at.next = first;
    } else {
        begins(session, at, {part, first, t});
    }
    if (at.passed.empty())
        at.passed.push_back({std::min(at.next, first), log_.values.size()});
    const Offset from = std::min(at.next, first);
    Offset next = first;
    for (const SeenRecord& record : records) {
        const Offset offset = record.offset.value_or(next);
        if (offset < next) {
            log_.found(log_.anomalies.nonmonotonic_poll, {part, offset, t},
                       fmt::format("{}: {} is handed {} after {} in one poll", part.p.to_string(),
                                   session.client, offset.value(), next.value() - 1),
                       "", HistoryLog::Of::Last);
        } else if (offset > next) {
            gap(session, {part, next, t}, offset);
        }
        log_.read({part, offset, t}, record.value);
        next = offset + 1;
    }
    at.next = next;
    log_.passed({part, from, t}, std::max(next, from + 1));
    if (at.passed.size() == kPassedKept)
        at.passed.erase(at.passed.begin());
    at.passed.push_back({next, log_.values.size()});
}

void HistoryPolls::begins(const Session& session, Position& at, const HistoryLog::Place& first) {
    HistoryLog::Partition& part = first.part;
    log_.anomalies.nonmonotonic_poll.evaluated();
    log_.anomalies.poll_skip.evaluated();
    log_.anomalies.undeclared_reset.evaluated();
    if (first.offset < at.next) {
        log_.found(log_.anomalies.nonmonotonic_poll, first,
                   fmt::format("{}: {} is handed {} again, its position was {}", part.p.to_string(),
                               session.client, first.offset.value(), at.next.value()),
                   "", HistoryLog::Of::Last);
        at.passed.clear();
    } else if (first.offset > at.next) {
        gap(session, {part, at.next, first.t}, first.offset);
    }
    const auto gone = std::exchange(at.gone, std::nullopt);
    if (!gone || first.offset <= *gone)
        return;
    log_.found(
        log_.anomalies.undeclared_reset, first,
        fmt::format("{}: {} goes on at {}, but what it has read from {} on is gone, and what "
                    "stands there now never reaches it",
                    part.p.to_string(), session.client, first.offset.value(), gone->value()),
        log_.excuse(part, *gone, kNoValue), HistoryLog::Of::Last);
}

void HistoryPolls::gap(const Session& session, const HistoryLog::Place& from, Offset to) {
    if (from.part.sparse)
        return;
    log_.odd(from, to);
    const Gap gap{&from.part, from.offset, to, session.client, log_.last_event(), from.t};
    if (const auto known = from.part.offsets.first_known(from.offset, to)) {
        skipped(gap, *known);
    } else if (gaps_.size() < kGapsKept) {
        gaps_.push_back(gap);
    }
}

void HistoryPolls::skipped(const Gap& gap, Offset known) {
    log_.moment(gap.i);
    log_.found(log_.anomalies.poll_skip, {*gap.part, known, gap.t},
               fmt::format("{}: {} goes on at {} instead of {}, although a record stands at {}",
                           gap.part->p.to_string(), gap.client, gap.to.value(), gap.from.value(),
                           known.value()),
               log_.excuse(*gap.part, known, gap.part->offsets.at(known)), HistoryLog::Of::Last);
}

void HistoryPolls::rewritten(const HistoryLog::Rewrite& rewrite) {
    for (auto& [client, session] : sessions_) {
        const auto found = session.positions.find(rewrite.part.number);
        if (found == session.positions.end())
            continue;
        Position& at = found->second;
        const auto passed =
            std::partition_point(at.passed.begin(), at.passed.end(),
                                 [&](const Passed& one) { return one.next <= rewrite.offset; });
        // It read that offset in the poll that led there; what was sent later it cannot have read.
        if (passed == at.passed.begin() || passed == at.passed.end() ||
            rewrite.value < passed->known) {
            continue;
        }
        at.gone = std::min(at.gone.value_or(rewrite.offset), rewrite.offset);
    }
}

void HistoryPolls::finish() {
    for (const Gap& gap : std::exchange(gaps_, {})) {
        if (const auto known = gap.part->offsets.first_known(gap.from, gap.to))
            skipped(gap, *known);
    }
}

}  // namespace bsim
