// Datagrams: one frame each, without a connection.

#include <algorithm>
#include <utility>

#include "sim/network/network.h"

namespace bsim {
namespace {

// What fits into a packet: Ethernet's 1500 less the headers of IP and UDP.
constexpr std::int64_t kFragmentBytes = 1472;

}  // namespace

void Network::send_datagram(HostId from, Address to, std::unique_ptr<Frame> frame) {
    Way& way = this->way(from, to.host);
    note_sent(way, *frame);
    const std::optional<SimDuration> latency = way.draw_latency(false);
    const Intervention rule = intervene(way, *frame);
    if (rule.swallowed)
        return give_up_message(way, frame.get(), "message-drop");
    auto datagram = std::make_unique<Datagram>(
        Datagram{from, to, &way, latency, std::move(frame), rule.held_by});
    if (rule.held_by) {
        waiting_datagrams_.push_back(std::move(datagram));
        return;
    }
    if (rule.delay == SimDuration(0))
        return carry(std::move(datagram));
    scheduler_.after(rule.delay,
                     [this, moved = std::move(datagram)]() mutable { carry(std::move(moved)); });
}

void Network::carry(std::unique_ptr<Datagram> datagram) {
    Way& way = *datagram->way;
    switch (way.verdict()) {
        case RuleVerdict::Pass:
            return fly(std::move(datagram));
        case RuleVerdict::Jam:
            waiting_datagrams_.push_back(std::move(datagram));
            return;
        case RuleVerdict::Drop:
        case RuleVerdict::Reject:
            return give_up_message(way, datagram->frame.get(), way.why_dropped());
    }
}

void Network::fly(std::unique_ptr<Datagram> datagram) {
    Way& way = *datagram->way;
    const std::int64_t bytes = datagram->frame->bytes;
    const std::int64_t fragments =
        std::max<std::int64_t>(1, (bytes + kFragmentBytes - 1) / kFragmentBytes);
    const TrainFate fate =
        way.send({scheduler_.now(), bytes, fragments,
                  datagram->latency ? *datagram->latency : latency_now(way, false), false});
    if (fate.missing > 0)
        return give_up_message(way, datagram->frame.get(), fate.corrupted ? "corrupt" : "loss");
    // The copy comes whole only if all of its fragments are copies.
    if (fate.copies == fragments) {
        ++way.counters.in_flight;
        auto copy = std::make_unique<Datagram>(Datagram{datagram->from,
                                                        datagram->to,
                                                        &way,
                                                        {},
                                                        std::make_unique<Frame>(*datagram->frame),
                                                        std::nullopt});
        scheduler_.at(fate.arrival + latency_now(way, true),
                      [this, moved = std::move(copy)] { land(*moved); });
    }
    scheduler_.at(fate.arrival, [this, moved = std::move(datagram)] { land(*moved); });
}

void Network::land(Datagram& datagram) {
    Host& host = hosts_.at(datagram.to.host);
    if (is_dark(host))
        return give_up_message(*datagram.way, datagram.frame.get(), "host down");
    if (!host.life->alive() || !host.listening.contains(datagram.to.port))
        return give_up_message(*datagram.way, datagram.frame.get(), "nobody listens");
    deliver(*datagram.way, *datagram.frame);
    host.life->run_or_keep(host.life->incarnation(), DueKind::Other,
                           [owner = host.owner, from = datagram.from, port = datagram.to.port,
                            frame = std::move(datagram.frame)]() mutable {
                               owner->on_datagram(from, port, std::move(frame));
                           });
}

// Those that a rule held; none: those that a cut jammed.
void Network::resume_datagrams(std::optional<RuleId> held_by) {
    std::list<std::unique_ptr<Datagram>> resumed;
    for (auto it = waiting_datagrams_.begin(); it != waiting_datagrams_.end();) {
        const auto next = std::next(it);
        if ((*it)->held_by == held_by)
            resumed.splice(resumed.end(), waiting_datagrams_, it);
        it = next;
    }
    for (auto& datagram : resumed) {
        datagram->held_by.reset();
        carry(std::move(datagram));
    }
}

}  // namespace bsim
