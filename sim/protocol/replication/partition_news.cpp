#include "sim/protocol/replication/partition_news.h"

namespace bsim::replication {

RoleChange role_change(const std::optional<KnownRole>& known,
                       const PartitionNews& news,
                       BrokerId self) {
    if (known && news.partition_epoch < known->partition_epoch)
        return RoleChange::Ignore;
    if (news.leader == self) {
        return known && known->leading ? RoleChange::StayLeader : RoleChange::BecomeLeader;
    }
    const bool new_epoch = !known || news.leader_epoch > known->leader_epoch;
    // A leader that is told of another leader stops leading whatever the epochs say.
    return new_epoch || known->leading ? RoleChange::BecomeFollower : RoleChange::StayFollower;
}

}  // namespace bsim::replication
