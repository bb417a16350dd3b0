/*
description: |
  One row per person in a marketing campaign, as a lead or as a contact (key: campaign_member_id).

  Deleted memberships are left out here: those in the recycle bin, and those erased since. Who is in a campaign was at
  least sent something; whether they answered is said beside.
owner: team:marketing
promise: {cron: "20 0,6,12,18 * * *", timezone: UTC, warn: 9h, fail: 15h}
key: [campaign_member_id]
columns:
  campaign_member_id: {type: STRING, class: pseudonymous, description: "Salesforce id of the membership."}
  campaign_id: {type: STRING, description: "Campaign: `crm.campaign`."}
  lead_id: {type: STRING, class: pseudonymous, description: "Lead who is in it: `crm.lead`; null for a contact."}
  contact_id: {type: STRING, class: pseudonymous, description: "Contact who is in it: `crm.contact`; null for a lead."}
  member_status: {type: STRING, description: "What became of it: Sent, Responded, Attended, …"}
  has_responded: {type: BOOL, description: "Whether that status counts as an answer."}
  first_responded_on: {type: DATE, description: "Day of the first answer; null without one."}
  created_at: {type: TIMESTAMP, description: "When the person was put into the campaign."}
*/
select
    campaign_member.id as campaign_member_id,
    campaign_member.campaign_id,
    if(campaign_member.contact_id is null, campaign_member.lead_id, null) as lead_id,
    campaign_member.contact_id,
    campaign_member.status as member_status,
    coalesce(campaign_member.has_responded, false) as has_responded,
    campaign_member.first_responded_on,
    campaign_member.created_at
from raw_salesforce.campaign_member
left join raw_salesforce.deleted_record
    on campaign_member.id = deleted_record.id and deleted_record.object_name = 'CampaignMember'
where
    not coalesce(campaign_member.is_deleted, false)
    and coalesce(campaign_member.system_modstamp > deleted_record.deleted_at, deleted_record.id is null)
