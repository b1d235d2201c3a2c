#include "sim/report/why/troubles.h"

#include <algorithm>
#include <limits>

namespace bsim {
namespace {

// After the end of a disturbance its victims need a while to be themselves again: a process that
// starts anew this long, others no longer than the disturbance was.
constexpr SimDuration kRecovery = seconds(3);
// Below it, a trouble is too weak to be blamed unless there is nothing else.
constexpr int kAble = 150;
constexpr int kFull = 1000;
constexpr std::size_t kMost = 4;

using Names = std::set<std::string>;

bool begins_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

bool meet(const Names& a, const Names& b) {
    return std::any_of(a.begin(), a.end(),
                       [&](const std::string& name) { return b.contains(name); });
}

// What happens at once, and is over: what it does to nodes, their own events tell.
bool is_passing(std::string_view fault) {
    return fault == "crash" || fault == "rolling-restart" || fault == "wipe" ||
           fault == "member-churn" || fault == "broker-add" || fault == "config-change" ||
           fault == "net-reset" || begins_with(fault, "topic-") || begins_with(fault, "elect-") ||
           fault == "partitions-add";
}

bool stops_nodes(std::string_view fault) {
    return fault == "crash" || fault == "rolling-restart" || fault == "wipe" ||
           fault == "member-churn";
}
bool pauses_nodes(std::string_view fault) {
    return fault == "pause" || fault == "gc-pause";
}

// `of` as thousandths of `whole`, times `factor`.
int share(SimDuration of, SimDuration whole, std::int64_t factor) {
    const std::int64_t base = std::max<std::int64_t>(whole.ns() / 1000, 1);
    return static_cast<int>(std::min<std::int64_t>(of.ns() / base * factor, kFull));
}

int thousandths(const Ratio& ratio) {
    const std::int64_t base = std::max<std::int64_t>(ratio.denominator, 1);
    const std::int64_t whole = ratio.numerator / base;
    return whole >= 1000 ? kFull * 1000
                         : static_cast<int>(whole * 1000 + ratio.numerator % base * 1000 / base);
}

SimDuration length(const SilenceQuery& query) {
    const SimDuration out = query.to - query.begun_by;
    return std::max(out, milliseconds(50));
}

// The requests by which the need is met.
const Names& apis_of(Need need) {
    static const Names heartbeat = {"BrokerHeartbeat", "BrokerRegistration"};
    static const Names replication = {"Fetch", "OffsetForLeaderEpoch"};
    static const Names proposal = {"AlterPartition"};
    static const Names quorum = {"Fetch", "FetchSnapshot", "Vote", "BeginQuorumEpoch",
                                 "EndQuorumEpoch"};
    static const Names session = {"Heartbeat", "JoinGroup", "SyncGroup", "FindCoordinator"};
    static const Names join = {"JoinGroup", "SyncGroup",  "FindCoordinator",
                               "Heartbeat", "LeaveGroup", "OffsetFetch"};
    // The other requests to the coordinator go over the same connection.
    static const Names commit = {"OffsetCommit", "FindCoordinator", "Fetch",
                                 "Heartbeat",    "JoinGroup",       "SyncGroup"};
    static const Names produce = {"Produce", "Metadata", "InitProducerId", "Fetch",
                                  "AlterPartition"};
    static const Names consume = {"Fetch",        "ListOffsets",         "Metadata",
                                  "OffsetCommit", "JoinGroup",           "FindCoordinator",
                                  "SyncGroup",    "OffsetFetch",         "Heartbeat",
                                  "Produce",      "OffsetForLeaderEpoch"};
    switch (need) {
        case Need::Heartbeat:
            return heartbeat;
        case Need::Replication:
            return replication;
        case Need::Proposal:
            return proposal;
        case Need::Quorum:
            return quorum;
        case Need::Session:
            return session;
        case Need::Poll:
        case Need::Join:
            return join;
        case Need::Commit:
            return commit;
        case Need::Produce:
            return produce;
        case Need::Consume:
            break;
    }
    return consume;
}

SimDuration distance(SimTime a, SimTime b) {
    return a < b ? b - a : a - b;
}

}  // namespace

bool is_network_fault(std::string_view fault) {
    return fault == "partition" || fault == "zombie" || begins_with(fault, "net-");
}

bool is_message_fault(std::string_view fault) {
    return begins_with(fault, "message-") || fault == "response-drop" || fault == "api-error";
}

Troubles::Troubles(const StoredTrace& trace, const RunFacts& facts) : facts_(facts) {
    for (const Event& event : trace.events())
        on(event);
}

// The fault that stops or pauses the node at that moment.
std::string Troubles::fault_behind(const Event& event) const {
    const bool stops = as<NodeStopped>(event) != nullptr;
    for (auto d = all_.rbegin(); d != all_.rend(); ++d) {
        const auto* fault = as<FaultStarted>(*d->event);
        if (fault == nullptr || !d->nodes.contains(event.n.text()))
            continue;
        if (stops ? stops_nodes(fault->fault) : pauses_nodes(fault->fault))
            return fault->f;
    }
    return "";
}

void Troubles::on(const Event& event) {
    const auto close = [&](auto&& is) {
        for (Trouble& d : all_) {
            if (!d.to && is(d))
                d.to = event.t;
        }
    };
    const auto of_node = [&](Trouble::What what) {
        return [&, what](const Trouble& d) {
            return d.what == what && d.nodes.contains(event.n.text());
        };
    };
    using What = Trouble::What;
    if (as<NodeStopped>(event) != nullptr) {
        all_.push_back(
            {What::Down, &event, {event.n.text()}, event.t, std::nullopt, fault_behind(event)});
    } else if (as<NodeStarted>(event) != nullptr) {
        close(of_node(What::Down));
    } else if (as<NodePaused>(event) != nullptr) {
        all_.push_back(
            {What::Paused, &event, {event.n.text()}, event.t, std::nullopt, fault_behind(event)});
    } else if (as<NodeResumed>(event) != nullptr) {
        close(of_node(What::Paused));
    } else if (const auto* began = as<FaultStarted>(event)) {
        const Names targets(began->targets.begin(), began->targets.end());
        const auto to = is_passing(began->fault) ? std::optional(event.t) : std::nullopt;
        all_.push_back({What::Fault, &event, targets, event.t, to, began->f});
    } else if (const auto* ended = as<FaultEnded>(event)) {
        const Names targets(ended->targets.begin(), ended->targets.end());
        bool found = false;
        close([&](const Trouble& d) {
            const auto* const fault = as<FaultStarted>(*d.event);
            const bool same = !found && fault != nullptr && fault->f == ended->f &&
                              (d.nodes == targets || targets.empty());
            found = found || same;
            return same;
        });
    }
}

const FaultFact* Troubles::fact_of(const Trouble& trouble) const {
    const auto found = facts_.faults.find(trouble.fault);
    return found == facts_.faults.end() ? nullptr : &found->second;
}

int Troubles::of_messages(const Trouble& trouble, const SilenceQuery& query) const {
    const std::string& kind = as<FaultStarted>(*trouble.event)->fault;
    const FaultFact* const fact = fact_of(trouble);
    if (fact == nullptr)
        return 740;
    if (!fact->api.empty() && !apis_of(query.need).contains(fact->api))
        return 0;
    int out = kFull;
    if (fact->latency)
        out = share(*fact->latency, length(query), 4);
    if (fact->rate)
        out = out * std::min(thousandths(*fact->rate), kFull) / kFull;
    // A single message that is held or lost is missed until its sender asks again.
    if (fact->count && *fact->count < 3 && kind != "message-hold")
        out = out * 2 / 5;
    return out;
}

int Troubles::of_fault(const Trouble& trouble, const SilenceQuery& query) const {
    const std::string& kind = as<FaultStarted>(*trouble.event)->fault;
    const FaultFact* const fact = fact_of(trouble);
    const auto sized = [&](std::int64_t times, int unknown) {
        return fact != nullptr && fact->latency ? share(*fact->latency, length(query), times)
                                                : unknown;
    };
    if (is_message_fault(kind))
        return of_messages(trouble, query);
    if (kind == "net-slow")
        return sized(4, 700);
    if (kind == "net-loss" || kind == "net-corrupt")
        return fact != nullptr && fact->rate ? std::min(thousandths(*fact->rate) * 5, kFull) : 700;
    if (kind == "net-duplicate" || kind == "net-reorder")
        return 20;
    if (kind == "net-bandwidth") {
        const std::int64_t bits = fact == nullptr ? 0 : fact->bits_per_second.value_or(0);
        return bits <= 200'000 ? 900 : bits <= 2'000'000 ? 500 : bits <= 20'000'000 ? 160 : 30;
    }
    if (is_network_fault(kind))
        return kFull;
    if (kind == "disk-slow") {
        const int of_each = sized(4, 800);
        return fact != nullptr && fact->latency
                   ? std::max(of_each, share(*fact->latency, milliseconds(250), 1))
                   : of_each;
    }
    if (begins_with(kind, "disk-") || begins_with(kind, "log-dir") || kind == "io-error")
        return kFull;
    if (kind == "cpu-slow") {
        const int times = fact != nullptr && fact->factor ? thousandths(*fact->factor) / 1000 : 70;
        return std::clamp((times - 1) * 10, 10, kFull);
    }
    if (kind == "consumer-slow" && (query.need == Need::Poll || query.need == Need::Join))
        return sized(500, 900);
    if (kind == "consumer-slow")
        return query.need == Need::Consume ? std::max(sized(500, 900), 300) : 0;
    if (kind == "traffic-burst" || kind == "hot-key") {
        const int times = fact != nullptr && fact->factor ? thousandths(*fact->factor) / 1000 : 3;
        const int of_group = std::min(100 + std::max(times - 1, 0) * 150, kFull);
        return query.need == Need::Consume ? of_group : query.need == Need::Produce ? 200 : 20;
    }
    // Its victims' own events tell of it, if it had any.
    if (stops_nodes(kind) || pauses_nodes(kind))
        return kAble - 10;
    return 0;
}

int Troubles::strength(const Trouble& trouble, const SilenceQuery& query) const {
    return trouble.what == Trouble::What::Fault ? of_fault(trouble, query) : kFull;
}

// Whether it acts on those that the silence is about.
int Troubles::relevance(const Trouble& trouble, const SilenceQuery& query) const {
    const Names& nodes = trouble.nodes;
    const bool silent = meet(nodes, query.silent);
    const bool others = meet(nodes, query.others);
    const bool noticed = query.noticed_by.empty() || nodes.contains(query.noticed_by);
    if (trouble.what != Trouble::What::Fault)
        return silent ? kFull : others ? (noticed ? 500 : 150) : 0;
    const std::string& kind = as<FaultStarted>(*trouble.event)->fault;
    const FaultFact* const fact = fact_of(trouble);
    if (fact != nullptr && fact->sides.size() > 1) {
        bool hit = false;
        bool by_noticer = query.noticed_by.empty();
        for (const Names& a : fact->sides) {
            for (const Names& b : fact->sides) {
                if (&a == &b || !meet(a, query.silent) || !meet(b, query.others))
                    continue;
                hit = true;
                by_noticer = by_noticer || b.contains(query.noticed_by);
            }
        }
        return hit ? (by_noticer ? kFull : 300) : 0;
    }
    if (fact != nullptr && is_message_fault(kind)) {
        Names all = query.silent;
        all.insert(query.others.begin(), query.others.end());
        const bool from = !fact->from || meet(*fact->from, all);
        const bool to = !fact->to || meet(*fact->to, all);
        const bool some = nodes.empty() || silent || others;
        return from && to && some ? (nodes.empty() ? 950 : kFull) : 0;
    }
    if (fact != nullptr && fact->from && fact->to) {
        const bool there = meet(*fact->from, query.silent) && meet(*fact->to, query.others);
        const bool back = meet(*fact->from, query.others) && meet(*fact->to, query.silent);
        return there || back ? kFull : 0;
    }
    const bool disk = begins_with(kind, "disk-") || begins_with(kind, "log-dir");
    // A broker needs no disk to send a heartbeat; the controller that hears it commits to one.
    if (disk && query.need == Need::Heartbeat)
        return others ? 700 : 0;
    if (is_network_fault(kind) || is_message_fault(kind))
        return silent && others ? kFull : silent ? 900 : others ? (noticed ? 700 : 200) : 0;
    if (kind == "traffic-burst" || kind == "hot-key")
        return silent || others ? kFull : 300;
    return silent ? kFull : others ? (noticed ? 500 : 150) : 0;
}

SimTime Troubles::felt_until(const Trouble& trouble) const {
    if (!trouble.to)
        return SimTime(std::numeric_limits<std::int64_t>::max() / 2);
    if (trouble.what == Trouble::What::Down)
        return *trouble.to + kRecovery;
    const auto* const fault = as<FaultStarted>(*trouble.event);
    if (fault != nullptr && fault->fault == "net-reset")
        return *trouble.to + milliseconds(500);
    if (fault != nullptr && stops_nodes(fault->fault))
        return *trouble.to + kRecovery;
    return *trouble.to + std::min(kRecovery, *trouble.to - trouble.from);
}

// How much of the silence it covers, together with those of the same fault on the same nodes.
int Troubles::cover(const Trouble& trouble, const SilenceQuery& query) const {
    const SimTime begin = query.begun_by;
    // It was noticed at once.
    if (begin >= query.to)
        return trouble.from <= query.to && felt_until(trouble) >= query.from ? kFull : 0;
    SimTime seen = begin;
    SimDuration sum;
    for (const Trouble& d : all_) {
        const bool same = &d == &trouble || (d.what == trouble.what && d.nodes == trouble.nodes &&
                                             d.fault == trouble.fault && !d.fault.empty());
        if (!same)
            continue;
        const SimTime from = std::max(seen, d.from);
        const SimTime to = std::min(query.to, felt_until(d));
        if (from < to) {
            sum = sum + (to - from);
            seen = to;
        }
    }
    return share(sum, query.to - begin, 1);
}

int Troubles::score(const Trouble& trouble, const SilenceQuery& query) const {
    if (trouble.from > query.to || felt_until(trouble) < query.from)
        return 0;
    const std::int64_t relevant = relevance(trouble, query);
    const std::int64_t strong = relevant == 0 ? 0 : strength(trouble, query);
    const std::int64_t covers = strong == 0 ? 0 : cover(trouble, query);
    return static_cast<int>(relevant * strong * covers / (kFull * kFull));
}

namespace {

// The better one of two; of equals the one that is nearer to where the silence began.
struct Best {
    const Trouble* trouble = nullptr;
    int score = 0;

    void offer(const Trouble& d, int of, const SilenceQuery& query) {
        // Both did it: whoever was there first.
        const bool both = trouble != nullptr && of * 10 >= score * 9 && of * 9 <= score * 10;
        const bool sooner = both && d.from < trouble->from && trouble->from > query.from;
        const bool nearer =
            both && of == score && trouble->from <= query.from &&
            distance(d.from, query.begun_by) < distance(trouble->from, query.begun_by);
        if (of > 0 && (trouble == nullptr || (both ? sooner || nearer : of > score))) {
            trouble = &d;
            score = of;
        }
    }
};

}  // namespace

// Each of the silent ones has its own reason; and what the best one does not cover, another may.
void Troubles::add_needed(const SilenceQuery& query, std::vector<const Trouble*>& out) const {
    const auto told = [&](const Trouble& d) {
        return std::any_of(out.begin(), out.end(), [&](const Trouble* other) {
            return other == &d || (!d.fault.empty() && other->fault == d.fault &&
                                   (other->nodes == d.nodes || d.what != Trouble::What::Fault));
        });
    };
    for (const std::string& node : query.silent) {
        SilenceQuery alone = query;
        alone.silent = {node};
        // What strikes none of the silent ones strikes who waits for all of them.
        const bool explained = std::any_of(out.begin(), out.end(), [&](const Trouble* d) {
            const bool its =
                d->nodes.empty() || d->nodes.contains(node) || !meet(d->nodes, query.silent);
            return its && score(*d, alone) >= kAble;
        });
        Best best;
        for (const Trouble& d : all_) {
            if (!explained && meet(d.nodes, alone.silent))
                best.offer(d, score(d, alone), alone);
        }
        if (best.score >= 2 * kAble && out.size() < kMost && !told(*best.trouble))
            out.push_back(best.trouble);
    }
    const Trouble& first = *out.front();
    if (cover(first, query) >= 850)
        return;
    for (const bool before : {true, false}) {
        SilenceQuery rest = query;
        rest.begun_by = std::min(query.begun_by, query.to);
        if (before) {
            rest.to = std::max(rest.begun_by, first.from);
        } else {
            rest.begun_by = std::clamp(felt_until(first), rest.begun_by, query.to);
        }
        rest.from = rest.begun_by;
        if ((rest.to - rest.begun_by) * 4 < query.to - query.begun_by)
            continue;
        Best best;
        for (const Trouble& d : all_)
            best.offer(d, score(d, rest), rest);
        if (best.score >= kFull / 2 && out.size() < kMost && !told(*best.trouble))
            out.push_back(best.trouble);
    }
}

std::vector<const Trouble*> Troubles::find(const SilenceQuery& query) const {
    Best best;
    for (const Trouble& d : all_)
        best.offer(d, score(d, query), query);
    if (best.score < kAble)
        return {};
    std::vector<const Trouble*> out = {best.trouble};
    add_needed(query, out);
    return out;
}

const Trouble* Troubles::guess(const SilenceQuery& query) const {
    // What is not quite there in time, or began too late, counts here.
    SilenceQuery wide = query;
    wide.from = query.from - kRecovery;
    wide.begun_by = wide.from;
    Best best;
    for (const Trouble& d : all_)
        best.offer(d, std::max(score(d, query), score(d, wide)), query);
    return best.score >= 10 ? best.trouble : nullptr;
}

const Trouble* Troubles::latest(const std::set<std::string>& nodes, SimTime at) const {
    const Trouble* best = nullptr;
    for (const Trouble& d : all_) {
        if (d.from > at)
            break;
        if (!meet(d.nodes, nodes))
            continue;
        const bool open = !d.to || *d.to >= at;
        const bool best_open = best != nullptr && (!best->to || *best->to >= at);
        if (best == nullptr || open || !best_open)
            best = &d;
    }
    return best;
}

}  // namespace bsim
