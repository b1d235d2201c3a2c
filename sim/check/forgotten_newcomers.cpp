#include "sim/check/forgotten_newcomers.h"

#include <algorithm>

#include "sim/model/metadata_image_partition.h"

namespace bsim {

void ForgottenNewcomers::changed(const PartitionChanged& e, const std::vector<BrokerId>& before) {
    std::erase_if(members_,
                  [&](const auto& member) { return !bsim::contains(e.isr, member.first); });
    joined_ = e.isr;
    std::erase_if(joined_, [&](BrokerId broker) { return bsim::contains(before, broker); });
    newest_ = e;
    if (open_ && accepted(*open_))
        forget_joined();
    open_.reset();
}

void ForgottenNewcomers::dropped(const IsrProposalDropped& e) {
    open_.reset();
    if (newest_ && e.partition_epoch == newest_->partition_epoch)
        open_ = e;
    if (newest_ && accepted(e))
        forget_joined();
}

void ForgottenNewcomers::confirmed(const std::vector<BrokerId>& isr) {
    for (auto& [broker, waited_for] : members_)
        waited_for = waited_for || bsim::contains(isr, broker);
}

bool ForgottenNewcomers::accepted(const IsrProposalDropped& e) const {
    return newest_->leader_epoch == e.leader_epoch &&
           newest_->partition_epoch.value() == e.partition_epoch.value() + 1 &&
           std::is_permutation(newest_->isr.begin(), newest_->isr.end(), e.isr.begin(),
                               e.isr.end());
}

void ForgottenNewcomers::forget_joined() {
    for (const BrokerId broker : joined_)
        members_[broker] = false;
}

}  // namespace bsim
