"""Disbursement: a payment of an obligation, certified, approved and paid by three persons.

draft → for_certification → approved → paid → void (by reversal); before paid → cancelled.
"""
