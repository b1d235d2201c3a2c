#include "sim/check/availability.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

// Records that became readable so close to one another count as one.
constexpr SimDuration kReadableGrain = milliseconds(100);
constexpr std::size_t kMaxWindows = 1000;

}  // namespace

Availability::Track* Availability::track(const TopicPartition& p) {
    if (p.partition < PartitionIndex(0) || p.topic.starts_with("__"))
        return nullptr;
    const auto [found, fresh] = tracks_.try_emplace(p);
    if (fresh)
        found->second.found.p = p;
    return &found->second;
}

void Availability::on(const Event& event, const ClusterView& view) {
    i_ = event.i;
    if (const auto* hw = as<HwAdvanced>(event)) {
        on_readable(*hw, view, event.t);
    } else if (const auto* consumed = as<RecordsConsumed>(event)) {
        on_consumed(event, *consumed);
    } else if (const auto* skipped = as<RecordsSkipped>(event)) {
        stands(event.n.text(), skipped->p, skipped->to, event.t);
    } else if (const auto* reset = as<PositionReset>(event)) {
        stands(event.n.text(), reset->p, reset->to, event.t);
    } else if (const auto* assignment = as<AssignmentChanged>(event)) {
        owns(event.n.text(), assignment->owned);
    } else {
        count(event);
        look_at_cluster(event, view);
    }
}

void Availability::count(const Event& event) {
    if (const auto* acked = as<ProduceAcked>(event)) {
        Track* const of = track(acked->p);
        if (of != nullptr)
            acknowledged({of, event.t - acked->latency_ns, event.n.text()}, event.t);
        return;
    }
    if (const auto* failed = as<ProduceFailed>(event)) {
        Track* const of = track(failed->p);
        if (of == nullptr)
            return;
        of->used = true;
        of->failed_last = event.t;
        const SimTime since = std::max(event.t - failed->latency_ns, of->acked);
        if (!of->failed || since < *of->failed) {
            of->failed = since;
            of->failed_client = event.n.text();
        }
        return;
    }
    if (const auto* elected = as<LeaderElected>(event)) {
        ++report_.elections;
        if (Track* const of = track(elected->p))
            ++of->found.elections;
    } else if (const auto* shrunk = as<IsrShrunk>(event)) {
        ++report_.isr_changes;
        if (Track* const of = track(shrunk->p))
            ++of->found.isr_changes;
    } else if (const auto* expanded = as<IsrExpanded>(event)) {
        ++report_.isr_changes;
        if (Track* const of = track(expanded->p))
            ++of->found.isr_changes;
    } else if (as<RebalanceCompleted>(event) != nullptr) {
        ++report_.rebalances;
    } else if (as<NodeStopped>(event) != nullptr) {
        stops(event.n.text());
    }
}

// --- The cluster's view ----------------------------------------------------------------------

void Availability::look_at_cluster(const Event& event, const ClusterView& view) {
    const bool all = excuses_.on(event, view);
    const TopicPartition* p = nullptr;
    if (const auto* changed = as<PartitionChanged>(event))
        p = &changed->p;
    if (const auto* leader = as<BecameLeader>(event))
        p = &leader->p;
    if (const auto* follower = as<BecameFollower>(event))
        p = &follower->p;
    if (p != nullptr) {
        if (Track* const of = track(*p))
            look_at(*of, view, event.t);
    } else if (all) {
        for (auto& [each, of] : tracks_)
            look_at(of, view, event.t);
    }
}

void Availability::look_at(Track& of, const ClusterView& view, SimTime now) {
    const PartitionView* const partition = view.partition(of.found.p);
    if (partition == nullptr || !partition->known)
        return;
    bool led = false;
    if (partition->leader && partition->acting_leader() != nullptr) {
        const NodeName leader = NodeName::broker(*partition->leader);
        led = view.is_up(leader) && !view.is_paused(leader);
    }
    of.led = of.led || led;
    const std::int64_t needed = std::min<std::int64_t>(settings_.min_isr_of(of.found.p.topic),
                                                       std::ssize(partition->replicas));
    const bool counts = of.led && !partition->deleted;
    const bool small = counts && std::ssize(partition->isr) < needed;
    of.leaderless.set(counts && !led ? "leaderless" : "", now);
    of.under_min_isr.set(small ? "under min ISR" : "", now);
    const auto before = of.unserved.now();
    of.unserved.set((counts && !led) || small ? "unserved" : "", now);
    if (before && !of.unserved.open() && now - before->from >= SimDuration(1))
        close_unserved(of, {before->from, now, before->why}, true);
}

void Availability::close_unserved(Track& of, const Span& span, bool ended) {
    add(of, of.found.cluster, {span.from, span.to, ended, nullptr}, bounds_.cluster);
}

void Availability::add(Track& of,
                       UnavailableWindows& windows,
                       const Window& window,
                       SimDuration bound) {
    evaluated();
    std::vector<Span> spans;
    excuses_.of(of.found.p).within(window.from, window.to, spans);
    if (window.client != nullptr)
        excuses_.of_client(*window.client).within(window.from, window.to, spans);
    UnavailableWindow out{window.from, window.to, window.ended, {}, {}, false};
    out.unexcused = longest_uncovered(window.from, window.to, spans);
    out.why = spans.empty() ? std::string_view() : spans.front().why;
    out.exceeds = out.unexcused > bound;
    if (windows.list.size() < kMaxWindows)
        windows.list.push_back(out);
    if (!out.exceeds)
        return;
    const std::string_view who = &windows == &of.found.produce   ? "producers"
                                 : &windows == &of.found.consume ? "consumers"
                                                                 : "anybody";
    violated(i_, window.to,
             fmt::format("{}: not available to {} from {} ms to {} ms{}, {} ms of it in a row "
                         "without excuse; the settings make that {} ms at most",
                         of.found.p.to_string(), who, window.from.ns() / 1'000'000,
                         window.to.ns() / 1'000'000, window.ended ? "" : ", the end",
                         out.unexcused.ms(), bound.ms()));
}

// --- Producers' view -------------------------------------------------------------------------

void Availability::send(const ClientOp& op) {
    if (op.type == OpType::Invoke) {
        Track* const of = op.records.empty() ? nullptr : track(op.records.front().p);
        if (of == nullptr)
            return;
        of->used = true;
        sends_[op.process] = {of, op.time, std::string(op.note.client)};
        return;
    }
    sends_.erase(op.process);
}

void Availability::acknowledged(const OpenSend& send, SimTime now) {
    Track& of = *send.track;
    of.used = true;
    evaluated();
    const SimTime since = std::max(send.since, of.acked);
    const bool slow = now - since > bounds_.noticed;
    if (of.failed || slow) {
        const bool by_failure = of.failed && (!slow || *of.failed < since);
        Window window{by_failure ? *of.failed : since, now, true,
                      by_failure ? &of.failed_client : &send.client};
        add(of, of.found.produce, window, bounds_.produce);
        note_delay(of, window);
        of.failed.reset();
    }
    of.acked = now;
}

void Availability::note_delay(Track& of, const Window& produce) {
    const auto& spans = of.unserved.closed();
    for (auto span = spans.rbegin(); span != spans.rend() && span->to > produce.from; ++span) {
        if (span->to > produce.to || span->from >= produce.to)
            continue;
        const SimDuration delay = produce.to - span->to;
        of.found.detection_delay_max = std::max(of.found.detection_delay_max, delay);
        of.found.detection_delay_total = of.found.detection_delay_total + delay;
        return;
    }
}

// --- Consumers' view -------------------------------------------------------------------------

void Availability::poll(const ClientOp& op) {
    if (!op.note.client.empty())
        pollers_[op.process] = std::string(op.note.client);
    const auto node = pollers_.find(op.process);
    if (node == pollers_.end())
        return;
    if (op.type == OpType::Invoke) {
        polling_[node->second] = op.time;
    } else {
        polling_.erase(node->second);
    }
}

void Availability::commit(const CommitOp& /*op*/) {}

void Availability::on_readable(const HwAdvanced& e, const ClusterView& view, SimTime now) {
    const auto found = tracks_.find(e.p);
    if (found == tracks_.end() || found->second.readers.empty())
        return;
    Track& of = found->second;
    const PartitionView* const partition = view.partition(e.p);
    const Offset end = partition->leader_hw.value_or(Offset());
    if (!of.ends.empty() && of.ends.back().second >= end)
        return;
    if (!of.ends.empty() && now - of.ends.back().first < kReadableGrain) {
        of.ends.back().second = end;
    } else {
        of.ends.emplace_back(now, end);
    }
}

void Availability::stands(const std::string& node,
                          const TopicPartition& p,
                          Offset next,
                          SimTime now) {
    Track* const of = track(p);
    if (of == nullptr)
        return;
    of->used = true;
    of->readers.insert_or_assign(node, Reader{next, now});
    reads_[node].insert(p);
}

void Availability::on_consumed(const Event& event, const RecordsConsumed& e) {
    Track* const of = track(e.p);
    if (of == nullptr)
        return;
    evaluated();
    const auto [found, fresh] = of->readers.try_emplace(event.n.text(), Reader{e.from, event.t});
    Reader& reader = found->second;
    if (fresh)
        reads_[event.n.text()].insert(e.p);
    of->used = true;
    waited(*of, found->first, reader, event.t, true);
    reader = {e.to, event.t};
    Offset slowest = e.to;
    for (const auto& [node, other] : of->readers)
        slowest = std::min(slowest, other.next);
    while (!of->ends.empty() && of->ends.front().second <= slowest)
        of->ends.pop_front();
}

// Is handed its next record now (`got`), or has waited for it until the end.
void Availability::waited(
    Track& of, const std::string& node, const Reader& reader, SimTime now, bool got) {
    const auto readable = std::partition_point(
        of.ends.begin(), of.ends.end(), [&](const auto& end) { return end.second <= reader.next; });
    // What was readable before anybody read here was so when the reader came.
    SimTime since = reader.since;
    if (readable != of.ends.end()) {
        since = std::max(since, readable->first);
    } else if (!got) {
        return;
    }
    const auto asked = polling_.find(node);
    std::vector<Span> unled;
    of.leaderless.within(since, now, unled);
    if (unled.empty()) {
        if (asked == polling_.end())
            return;
        since = std::max(since, asked->second);
    }
    if (now - since > bounds_.noticed)
        add(of, of.found.consume, {since, now, got, &node}, bounds_.consume);
}

void Availability::owns(const std::string& node, const std::vector<TopicPartition>& owned) {
    auto& reads = reads_[node];
    for (auto p = reads.begin(); p != reads.end();) {
        if (std::binary_search(owned.begin(), owned.end(), *p)) {
            ++p;
            continue;
        }
        tracks_[*p].readers.erase(node);
        p = reads.erase(p);
    }
}

void Availability::stops(const std::string& node) {
    owns(node, {});
    polling_.erase(node);
}

// --- The end -----------------------------------------------------------------------------------

void Availability::finish(const EndOfRun& end, const ClusterView& /*view*/) {
    i_ = end.i;
    for (const auto& [process, send] : sends_) {
        Track& of = *send.track;
        const SimTime since = std::max(send.since, of.acked);
        if (end.t - since > bounds_.noticed && (!of.failed || since < *of.failed)) {
            of.failed = since;
            of.failed_client = send.client;
        }
        if (of.failed)
            of.failed_last = end.t;
    }
    for (auto& [p, of] : tracks_) {
        if (of.failed) {
            add(of, of.found.produce,
                {*of.failed, of.failed_last, of.failed_last < end.t, &of.failed_client},
                bounds_.produce);
        }
        for (const auto& [node, reader] : of.readers)
            waited(of, node, reader, end.t, false);
        if (of.unserved.open())
            close_unserved(of, {of.unserved.now()->from, end.t, ""}, false);
        of.found.leaderless = of.leaderless.total(end.t);
        of.found.under_min_isr = of.under_min_isr.total(end.t);
        if (of.used || !of.found.untroubled())
            report_.partitions.push_back(of.found);
    }
    report_.length = end.t - SimTime();
    report_.bounds = bounds_;
}

}  // namespace bsim
